-- Which aliases hold beyond the paper that reads them.
-- naming: what each (spelling, type) alone decides. alias_fit: (alias, name, type) → why it may not, or null.

CREATE TABLE named AS
SELECT p.paper, e.name, e.type, n.key, n.kind, e.introduced, e.confidence
FROM entities e
JOIN paper p USING (doc)
JOIN naming n ON n.spelling = e.name AND n.type = e.type;

CREATE TABLE alias_use AS
SELECT DISTINCT p.paper, a.key AS alias, n.kind, n.key AS target, f.refused
FROM spellings s
JOIN paper p USING (doc)
JOIN alias_fit f ON f.alias = s.spelling AND f.name = s.name AND f.type = s.type
JOIN naming a ON a.spelling = s.spelling AND a.type = s.type
JOIN naming n ON n.spelling = s.name AND n.type = s.type;

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

CREATE TABLE used AS
SELECT u.paper, u.name, u.type, coalesce(m.target, u.key) AS key, u.kind, u.introduced, u.confidence
FROM named u
LEFT JOIN alias_map m ON m.alias = u.key AND m.kind = u.kind;

-- One spelling stands for each key: what follows is a function of the key, whichever it is.
CREATE TABLE keyed AS
SELECT key, kind, spelling, type
FROM (
    SELECT n.key, n.kind, n.spelling, n.type,
        row_number() OVER (PARTITION BY n.key, n.kind ORDER BY n.spelling, n.type) AS place
    FROM naming n
    WHERE (n.key, n.kind) IN (SELECT (key, kind) FROM used)
)
WHERE place = 1;
