-- What each name in each paper stands for: ids, families, types, displayed names.
-- link: (key, kind) → the families that its name puts it under, nearest first. fact: what a key alone decides.

-- A family that no paper names is there if the lexicon knows it, or if two or more members need it.
CREATE TABLE family AS
SELECT parent AS key, kind
FROM (
    SELECT
        l.parent, l.kind, l.known, u.key AS member,
        l.place = max(l.place) OVER (PARTITION BY l.key, l.kind) AS root
    FROM link l
    LEFT JOIN (SELECT DISTINCT key, kind FROM used) u USING (key, kind)
)
GROUP BY ALL
HAVING bool_or(known) OR count(DISTINCT member) FILTER (root) > 1;

CREATE TABLE node AS
SELECT DISTINCT key, kind FROM used
UNION
SELECT key, kind FROM family;

CREATE TABLE at_rest AS
SELECT DISTINCT coalesce(m.target, s.key) AS key, s.kind
FROM settled s
LEFT JOIN alias_map m ON m.alias = s.key AND m.kind = s.kind;

-- A coined name of several papers that nobody else uses, neither by itself nor through a member.
CREATE TABLE namesake AS
WITH
    users AS (
        SELECT key, kind, paper, introduced, type FROM used WHERE owner IS NULL
        UNION ALL
        SELECT l.parent, l.kind, u.paper, false, NULL FROM used u JOIN link l USING (key, kind)
    )
SELECT u.key, u.kind
FROM users u
JOIN fact f USING (key, kind)
LEFT JOIN at_rest s USING (key, kind)
WHERE u.kind <> '' AND s.key IS NULL
GROUP BY ALL
HAVING
    count(DISTINCT paper) FILTER (introduced) > 1
    AND count(DISTINCT paper) = count(DISTINCT paper) FILTER (introduced)
    AND NOT bool_or(f.known);

CREATE TABLE base AS
SELECT
    n.key, n.kind,
    n.key || CASE WHEN n.kind = 'data' AND s.key IS NOT NULL THEN '@data' ELSE '' END AS id,
    k.key IS NOT NULL AS namesake
FROM node n
LEFT JOIN node s ON s.key = n.key AND s.kind = 'system'
LEFT JOIN namesake k ON k.key = n.key AND k.kind = n.kind;

CREATE TABLE entity_of AS
SELECT
    u.paper, u.name, u.type, u.key, u.kind, u.introduced, u.confidence, u.guessed,
    b.id || coalesce('@' || nullif(u.whose, ''), '') AS id,
    nullif(u.whose, '') AS owner
FROM (SELECT u.*, coalesce(owner, CASE WHEN namesake THEN paper END) AS whose FROM used u JOIN base USING (key, kind)) u
JOIN base b USING (key, kind);

CREATE TABLE paper_entity AS
SELECT paper, id, bool_or(introduced) AS introduced, max(confidence) AS confidence
FROM entity_of
GROUP BY ALL;

CREATE TABLE ident AS
SELECT DISTINCT id, key, kind, owner IS NOT NULL AS namesake, owner AS paper FROM entity_of
UNION
SELECT b.id, b.key, b.kind, false, NULL FROM base b WHERE NOT b.namesake;

-- Under a name that several papers coined apart, a member goes to the family of the one paper it shares.
CREATE TABLE ancestor AS
WITH
    papers AS (SELECT DISTINCT id, paper FROM entity_of),
    whole AS (
        SELECT i.id, l.place, l.member, p.id AS parent, l.origin
        FROM ident i
        JOIN link l USING (key, kind)
        JOIN base p ON p.key = l.parent AND p.kind = l.kind AND NOT p.namesake
    ),
    parted AS (
        SELECT i.id, l.place, min(l.member) AS member, min(p.id) AS parent, min(l.origin) AS origin
        FROM ident i
        JOIN link l USING (key, kind)
        JOIN ident p ON p.key = l.parent AND p.kind = l.kind AND p.namesake
        JOIN papers u ON u.id = i.id AND u.paper = p.paper
        GROUP BY i.id, l.place
        HAVING count(DISTINCT p.id) = 1
    )
SELECT * FROM whole WHERE id <> parent
UNION
SELECT * FROM parted WHERE id <> parent;

-- What an entry's names stand for.
CREATE TABLE referred AS
SELECT DISTINCT r.entry, r.role, i.id
FROM reference r
LEFT JOIN alias_map m ON m.alias = r.key AND m.kind = r.kind
JOIN ident i ON i.key = coalesce(m.target, r.key) AND i.kind = r.kind AND coalesce(r.owner, i.paper, '') = coalesce(i.paper, '')
UNION
SELECT r.entry, r.role, i.id FROM reference r JOIN ident i ON i.id = r.raw
UNION
SELECT r.entry, r.role, s.size FROM reference r JOIN sizes s ON s.size = r.raw OR lower(s.name) = lower(r.raw)
UNION
SELECT entry, role, raw FROM reference WHERE starts_with(raw, 'unnamed@')
UNION
SELECT r.entry, r.role, unnest([n.paper, 'unnamed@' || n.paper])
FROM reference r
JOIN named_paper n USING (entry)
WHERE r.raw = 'PAPER';

CREATE TABLE refused_member AS
SELECT DISTINCT r.entry, a.id, a.parent
FROM rejection r
JOIN referred s ON s.entry = r.entry AND s.role = 'subject'
JOIN referred o ON o.entry = r.entry AND o.role = 'object'
JOIN ancestor a ON a.id = s.id AND a.parent = o.id
WHERE r.relation = 'PART_OF' AND r.raw_paper IS NULL;

DELETE FROM ancestor
USING refused_member r
WHERE ancestor.id = r.id AND ancestor.parent = r.parent;

CREATE TABLE member AS
SELECT id, parent, member, origin
FROM (SELECT *, row_number() OVER (PARTITION BY id ORDER BY place, parent) AS nearest FROM ancestor)
WHERE nearest = 1;

-- The lexicon's type unless it is a leaning, else that of most papers; ties to the introducing ones, then in the schema's order.
CREATE TABLE typed AS
WITH
    votes AS (
        SELECT id, e.type, count(DISTINCT paper) FILTER (NOT guessed) AS papers,
            count(DISTINCT paper) FILTER (introduced) AS introducing
        FROM entity_of e
        GROUP BY ALL
    ),
    ranked AS (
        SELECT
            v.id, v.type,
            row_number() OVER (PARTITION BY v.id ORDER BY papers DESC, introducing DESC, t.place) AS rank
        FROM votes v
        JOIN type_order t USING (type)
        JOIN ident i ON i.id = v.id AND i.kind = t.kind
    )
SELECT i.id, coalesce(h.type, CASE WHEN NOT f.soft THEN f.type END, r.type, f.type, f.asked) AS type
FROM ident i
JOIN fact f USING (key, kind)
LEFT JOIN (
    SELECT coalesce(m.target, f.key) AS key, f.kind, min(f.type) AS type
    FROM forced f
    LEFT JOIN alias_map m ON m.alias = f.key
    GROUP BY ALL
) h ON h.key = i.key AND h.kind = i.kind
LEFT JOIN ranked r ON r.id = i.id AND r.rank = 1;

-- How papers spell a name, counting only spellings that alone would lead to the same entity.
CREATE TABLE spelling_vote AS
SELECT e.id, n.shown, n.folded, bool_or(n.own) AS own, count(DISTINCT e.paper) AS papers, count(*) AS mentions
FROM (
    SELECT p.paper, m.name, m.type, m.spelling FROM mentions m JOIN reading p USING (doc)
    UNION ALL
    SELECT p.paper, s.name, s.type, s.spelling FROM spellings s JOIN reading p USING (doc)
) s
JOIN entity_of e ON e.paper = s.paper AND e.name = s.name AND e.type = s.type
JOIN naming n ON n.spelling = s.spelling AND n.type = s.type
LEFT JOIN alias_map m ON m.alias = n.key AND m.kind = n.kind
LEFT JOIN moved p ON p.paper IN ('', e.paper) AND p.key = coalesce(m.target, n.key) AND p.kind = n.kind
WHERE e.key IN (coalesce(m.target, n.key), p.to_key) AND n.shown <> ''
GROUP BY ALL;

-- A name given to one paper's thing goes before one given to all of that name.
CREATE TABLE new_name AS
SELECT
    i.id,
    coalesce(min(r.name) FILTER (r.owner IS NOT NULL), min(r.name)) AS name,
    coalesce(min(r.folded) FILTER (r.owner IS NOT NULL), min(r.folded)) AS folded
FROM renamed r
LEFT JOIN alias_map m ON m.alias = r.key AND m.kind = r.kind
JOIN ident i ON i.key = coalesce(m.target, r.key) AND i.kind = r.kind AND coalesce(r.owner, i.paper, '') = coalesce(i.paper, '')
GROUP BY i.id;

CREATE TABLE displayed AS
WITH
    best AS (
        SELECT id, shown, folded, own,
            row_number() OVER (PARTITION BY id ORDER BY own DESC, papers DESC, mentions DESC, shown) AS rank
        FROM spelling_vote
    )
SELECT
    i.id,
    coalesce(
        r.name,
        coalesce(f.name, CASE WHEN b.own OR NOT f.curated THEN b.shown END, f.shown)
            || CASE WHEN i.namesake THEN ' (' || i.paper || ')' ELSE '' END
    ) AS name,
    coalesce(r.folded, CASE WHEN NOT i.namesake THEN coalesce(f.folded, b.folded) END, '') AS folded
FROM ident i
JOIN fact f USING (key, kind)
LEFT JOIN best b ON b.id = i.id AND b.rank = 1
LEFT JOIN new_name r ON r.id = i.id;

CREATE TABLE also_called AS
WITH
    best AS (
        SELECT v.id, v.shown,
            row_number() OVER (PARTITION BY v.id, v.folded ORDER BY papers DESC, mentions DESC, v.shown) AS rank
        FROM spelling_vote v
        JOIN displayed d USING (id)
        WHERE v.folded <> d.folded
    )
SELECT id, list(shown ORDER BY shown) AS aliases
FROM best
WHERE rank = 1
GROUP BY id;
