-- Which aliases hold beyond the paper that reads them.
-- naming: what each (spelling, type) alone decides. alias_fit: of an (alias, name, type), why it may not or null,
-- and where one is the short form of the other, its key and what the long form means.

-- An alias as a paper reads it.
CREATE TABLE alias_read AS
SELECT p.paper, s.name, s.type, n.key AS name_key, n.kind, n.known AS name_known,
    a.key AS alias_key, a.kind AS alias_kind, a.known AS alias_known, s.spelling, f.* EXCLUDE (alias, name, type)
FROM spellings s
JOIN reading p USING (doc)
JOIN alias_fit f ON f.alias = s.spelling AND f.name = s.name AND f.type = s.type
JOIN naming a ON a.spelling = s.spelling AND a.type = s.type
JOIN naming n ON n.spelling = s.name AND n.type = s.type;

-- What papers take a short form for; one meaning leads, unless as many papers have another.
CREATE TABLE short_form AS
WITH
    told AS (
        SELECT short, kind, meaning, count(DISTINCT paper) AS papers
        FROM alias_read
        WHERE short IS NOT NULL
        GROUP BY ALL
    ),
    ranked AS (
        SELECT *,
            count(*) OVER (PARTITION BY short, kind) AS meanings,
            row_number() OVER (PARTITION BY short, kind ORDER BY papers DESC, meaning) AS place,
            lead(papers, 1, 0) OVER (PARTITION BY short, kind ORDER BY papers DESC, meaning) AS next
        FROM told
    )
SELECT short, kind, meaning, meanings, place = 1 AND papers > next AS leads
FROM ranked;

-- A short form goes only with its own long form: where it means something else in this paper, or the lexicon
-- knows the long form, what it names goes by the long form.
CREATE TABLE spelt_out AS
SELECT paper, name, type, alias_key AS key, alias_kind AS kind
FROM (
    SELECT a.*, m.meanings, m.leads,
        row_number() OVER (PARTITION BY paper, name, type ORDER BY alias_known DESC, leads DESC, spelling) AS place
    FROM alias_read a
    JOIN short_form m USING (short, kind, meaning)
    WHERE a.short_is_name
)
WHERE place = 1 AND (alias_known OR (NOT name_known AND meanings > 1 AND NOT leads));

CREATE TABLE named AS
SELECT p.paper, e.name, e.type, coalesce(o.key, n.key) AS key, coalesce(o.kind, n.kind) AS kind, e.introduced, e.confidence, e.guessed
FROM entities e
JOIN reading p USING (doc)
JOIN naming n ON n.spelling = e.name AND n.type = e.type
LEFT JOIN spelt_out o ON o.paper = p.paper AND o.name = e.name AND o.type = e.type;

CREATE TABLE alias_use AS
SELECT DISTINCT
    a.paper, a.alias_key AS alias, n.kind, n.key AS target,
    CASE WHEN m.leads = false THEN 'most papers that use it mean something else' ELSE a.refused END AS refused
FROM alias_read a
JOIN named n USING (paper, name, type)
LEFT JOIN short_form m ON m.short = a.short AND m.kind = a.kind AND m.meaning = a.meaning
WHERE a.alias_key <> n.key;

CREATE TABLE alias_vote AS
WITH
    votes AS (
        SELECT
            alias, kind, target,
            count(DISTINCT paper) AS papers,
            CASE WHEN NOT bool_or(refused IS NULL) THEN min(refused) END AS refused
        FROM alias_use
        GROUP BY ALL
    ),
    totals AS (SELECT alias, kind, count(DISTINCT paper) AS papers FROM alias_use GROUP BY ALL),
    bare AS (SELECT key, kind, count(DISTINCT paper) AS papers FROM named GROUP BY ALL),
    coined AS (SELECT DISTINCT key, kind FROM named WHERE introduced)
SELECT
    v.alias, v.kind, v.target, v.papers, t.papers AS papers_with_it,
    CASE
        WHEN v.refused IS NOT NULL THEN v.refused
        WHEN own.key IS NOT NULL THEN 'a paper introduces something of that name'
        WHEN 2 * v.papers <= t.papers THEN 'most papers that use it mean something else'
        WHEN v.papers = 1 AND b.papers > 1 AND target.key IS NULL THEN 'one paper against many that use the name by itself'
    END AS refused
FROM votes v
JOIN totals t USING (alias, kind)
LEFT JOIN bare b ON b.key = v.alias AND b.kind = v.kind
LEFT JOIN coined own ON own.key = v.alias AND own.kind = v.kind
LEFT JOIN coined target ON target.key = v.target AND target.kind = v.kind;

-- An alias leads to a name, never to another alias; of a pair that lead to each other the stronger holds.
CREATE TABLE alias_decision AS
SELECT
    a.alias, a.kind, a.target, a.papers, a.papers_with_it,
    CASE
        WHEN a.refused IS NOT NULL THEN a.refused
        WHEN b.alias IS NULL THEN NULL
        WHEN b.target = a.alias AND (a.papers > b.papers OR (a.papers = b.papers AND a.target < b.target)) THEN NULL
        ELSE 'what it stands for is an alias itself'
    END AS refused
FROM alias_vote a
LEFT JOIN alias_vote b ON b.alias = a.target AND b.kind = a.kind AND b.refused IS NULL;

CREATE TABLE alias_map AS
SELECT alias, kind, target FROM alias_decision WHERE refused IS NULL;

-- Of two names that a person says to differ, the later one no longer goes where the first one goes.
DELETE FROM alias_map
USING parted p
LEFT JOIN alias_map f ON f.alias = p.key AND f.kind = p.kind
WHERE alias_map.alias = p.other AND alias_map.kind = p.kind AND alias_map.target = coalesce(f.target, p.key);

-- Where names of one paper, or of all where it is empty, are put by a person.
CREATE TABLE put AS
SELECT DISTINCT
    p.entry, p.paper, coalesce(a.target, p.key) AS key, p.kind,
    coalesce(b.target, p.to_key) AS to_key, p.to_kind, p.owner
FROM placed p
LEFT JOIN alias_map a ON a.alias = p.key AND a.kind = p.kind
LEFT JOIN alias_map b ON b.alias = p.to_key AND b.kind = p.to_kind
UNION
-- A type said of an alias is that of its name.
SELECT f.entry, '', m.target, m.kind, m.target, f.kind, NULL
FROM forced f
JOIN alias_map m ON m.alias = f.key AND m.kind <> f.kind
WHERE f.kind <> '' AND m.kind <> '';

CREATE TABLE moved AS
SELECT * EXCLUDE (entry, place)
FROM (
    SELECT *, row_number() OVER (PARTITION BY paper, key, kind ORDER BY to_key, to_kind, owner, entry) AS place
    FROM put
)
WHERE place = 1;

-- Which papers an entry names; by their key, the input's id or the title.
CREATE TABLE named_paper AS
SELECT DISTINCT r.entry, f.paper
FROM rejection r
JOIN filed f ON f.paper = r.paper OR f.input_id = r.raw_paper OR (f.folded = r.folded_paper AND f.folded <> '')
WHERE r.raw_paper IS NOT NULL;

-- What a person says is no such thing, or not introduced: everywhere, or in one paper.
CREATE TABLE struck AS
SELECT DISTINCT r.entry, r.relation, n.paper, coalesce(m.target, f.key) AS key, f.kind
FROM rejection r
JOIN reference f ON f.entry = r.entry AND f.key IS NOT NULL
    AND f.role = CASE WHEN r.relation IS NULL THEN 'subject' ELSE 'object' END
LEFT JOIN named_paper n ON n.entry = r.entry
LEFT JOIN alias_map m ON m.alias = f.key AND m.kind = f.kind
WHERE (r.relation IS NULL OR r.relation IN ('INTRODUCES', 'MENTIONS'))
    AND (r.raw_paper IS NULL OR n.paper IS NOT NULL);

-- One name may be both a system and data: where a paper introduces it as each, or a quarter of its papers say so.
CREATE TABLE led AS
WITH
    called AS (
        SELECT u.* EXCLUDE (kind, introduced), coalesce(m.target, u.key) AS entity, u.kind AS kind,
            u.introduced AND NOT EXISTS (
                FROM struck s
                WHERE s.relation = 'INTRODUCES' AND s.key = coalesce(m.target, u.key) AND s.kind = u.kind
                    AND coalesce(s.paper, u.paper) = u.paper
            ) AS introduced
        FROM named u
        LEFT JOIN alias_map m ON m.alias = u.key AND m.kind = u.kind
    )
SELECT
    c.paper, c.name, c.type, coalesce(o.to_key, a.to_key, c.entity) AS entity,
    coalesce(o.to_kind, a.to_kind, c.kind) AS kind, c.introduced, c.confidence, c.guessed,
    coalesce(o.owner, a.owner) AS owner
FROM called c
LEFT JOIN moved o ON o.paper = c.paper AND o.key = c.entity AND o.kind = c.kind
LEFT JOIN moved a ON a.paper = '' AND a.key = c.entity AND a.kind = c.kind
WHERE NOT EXISTS (
    FROM struck s
    WHERE s.relation IS DISTINCT FROM 'INTRODUCES' AND s.key = c.entity AND s.kind = c.kind
        AND coalesce(s.paper, c.paper) = c.paper
);

CREATE TABLE used AS
WITH
    votes AS (
        SELECT entity, kind, count(DISTINCT paper) FILTER (NOT guessed) AS papers, bool_or(introduced) AS introduced
        FROM led
        GROUP BY ALL
    ),
    standing AS (
        SELECT entity, kind,
            introduced OR 4 * papers >= sum(papers) OVER (PARTITION BY entity) AS stands,
            list(kind ORDER BY papers DESC, kind DESC) OVER (PARTITION BY entity)[1] AS most
        FROM votes
    )
SELECT
    l.paper, l.name, l.type, l.entity AS key, CASE WHEN s.stands THEN l.kind ELSE s.most END AS kind,
    l.introduced, l.confidence, l.guessed, l.owner
FROM led l
JOIN standing s USING (entity, kind);

-- One spelling stands for each key: what follows is a function of the key, whichever it is.
CREATE TABLE keyed AS
SELECT key, kind, spelling, type
FROM (
    SELECT u.key, u.kind, n.spelling, n.type,
        row_number() OVER (
            PARTITION BY u.key, u.kind
            ORDER BY (n.kind = u.kind) DESC, n.own DESC, n.spelling, n.type
        ) AS place
    FROM (SELECT DISTINCT key, kind FROM used) u
    JOIN (
        SELECT key, kind, spelling, type, own FROM naming
        UNION ALL
        SELECT key, kind, spelling, type, true FROM spelling_said
    ) n ON n.key = u.key
)
WHERE place = 1;
