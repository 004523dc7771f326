-- One edge for each fact, with how many papers state it; then what an entity's edges say of it.

CREATE TABLE told_how AS
WITH counted AS (
    SELECT subject, relation, object, how, count(DISTINCT paper) AS papers
    FROM claim
    WHERE how IS NOT NULL AND relation = 'BUILT_ON'
    GROUP BY ALL
)
SELECT
    subject, relation, object,
    list(how ORDER BY papers DESC, how)[1] AS how, list(how ORDER BY how) AS hows
FROM counted
GROUP BY ALL;

CREATE TABLE told_member AS
WITH counted AS (
    SELECT subject, relation, object, member, count(DISTINCT paper) AS papers
    FROM claim
    WHERE member IS NOT NULL AND relation = 'PART_OF'
    GROUP BY ALL
)
SELECT subject, relation, object, list(member ORDER BY papers DESC, member)[1] AS member
FROM counted
GROUP BY ALL;

CREATE TABLE stated_edge AS
SELECT
    subject, min(subject_type) AS subject_type, relation, object, min(object_type) AS object_type,
    count(DISTINCT paper) AS support, max(confidence) AS confidence,
    min(year) AS first_year, max(year) AS last_year,
    count(DISTINCT paper) FILTER (outcome = 'better') AS better,
    count(DISTINCT paper) FILTER (outcome = 'similar') AS similar,
    count(DISTINCT paper) FILTER (outcome = 'worse') AS worse,
    count(DISTINCT paper) FILTER (coalesce(outcome, 'unknown') = 'unknown') AS unknown
FROM claim
WHERE relation <> 'RESULT'
GROUP BY subject, relation, object;

-- What a name says by itself: no paper need state it.
CREATE TABLE name_edge AS
SELECT
    m.id AS subject, s.type AS subject_type, 'PART_OF' AS relation,
    m.parent AS object, o.type AS object_type, m.member, m.origin
FROM member m
JOIN typed s ON s.id = m.id
JOIN typed o ON o.id = m.parent
JOIN allowed a ON a.relation = 'PART_OF' AND a.subject_type = s.type AND a.object_type = o.type;

-- Which entries made an edge, or some of its claims.
CREATE TABLE edge_curated AS
WITH made AS (
    SELECT s.subject, s.relation, s.object, a.entry FROM stated s JOIN added a USING (doc) WHERE s.object IS NOT NULL
    UNION
    SELECT n.subject, n.relation, n.object, f.entry
    FROM name_edge n
    JOIN ident i ON i.id = n.subject
    JOIN family_said f USING (key, kind)
    WHERE n.origin = 'curated'
)
SELECT subject, relation, object, list(entry ORDER BY entry) AS curated
FROM made
GROUP BY ALL;

CREATE TABLE edge AS
WITH
    fact_edge AS (
        SELECT subject, subject_type, relation, object, object_type FROM stated_edge
        UNION
        SELECT subject, subject_type, relation, object, object_type FROM name_edge
    )
SELECT
    f.*,
    coalesce(s.support, 0) AS support,
    CASE WHEN n.subject IS NULL THEN s.confidence ELSE 1000 END AS confidence,
    s.first_year, s.last_year,
    h.how, h.hows,
    CASE WHEN f.relation = 'BUILT_ON' THEN coalesce(c.carries, 'unstated') END AS carries,
    coalesce(n.member, t.member) AS member,
    CASE WHEN f.relation = 'PART_OF' THEN coalesce(n.origin, 'text') END AS origin,
    CASE WHEN f.relation = 'PART_OF' THEN a.id IS NOT NULL END AS crossed,
    CASE WHEN f.relation = 'COMPARED_TO' THEN s.better END AS better,
    CASE WHEN f.relation = 'COMPARED_TO' THEN s.similar END AS similar,
    CASE WHEN f.relation = 'COMPARED_TO' THEN s.worse END AS worse,
    CASE WHEN f.relation = 'COMPARED_TO' THEN s.unknown END AS unknown,
    NULL::BIGINT[] AS spans,
    g.curated
FROM fact_edge f
LEFT JOIN stated_edge s USING (subject, relation, object)
LEFT JOIN name_edge n USING (subject, relation, object)
LEFT JOIN told_how h USING (subject, relation, object)
LEFT JOIN told_member t USING (subject, relation, object)
LEFT JOIN edge_curated g USING (subject, relation, object)
LEFT JOIN carried c ON c.how = coalesce(h.how, 'other')
LEFT JOIN (SELECT DISTINCT id, parent FROM ancestor) a
    ON f.relation = 'PART_OF' AND a.id = f.subject AND a.parent = f.object;

CREATE TABLE unnamed AS
SELECT DISTINCT subject AS id, paper FROM claim WHERE starts_with(subject, 'unnamed@');

CREATE TABLE span AS
WITH found AS (
    SELECT DISTINCT e.paper, e.id, m.start, m."end"
    FROM mentions m
    JOIN paper p USING (doc)  -- offsets of another text would say nothing here
    JOIN entity_of e ON e.paper = p.paper AND e.name = m.name AND e.type = m.type
)
SELECT paper, id, flatten(list([start, "end"] ORDER BY start, "end")) AS spans
FROM found
GROUP BY paper, id;

-- Every entity of a paper is introduced or mentioned by it, never both.
INSERT INTO edge BY NAME
SELECT
    e.paper AS subject, 'Paper' AS subject_type,
    CASE WHEN e.introduced THEN 'INTRODUCES' ELSE 'MENTIONS' END AS relation,
    e.id AS object, t.type AS object_type,
    1 AS support, e.confidence, p.year AS first_year, p.year AS last_year, s.spans
FROM paper_entity e
JOIN paper p USING (paper)
JOIN typed t ON t.id = e.id
LEFT JOIN span s ON s.paper = e.paper AND s.id = e.id;

INSERT INTO edge BY NAME
SELECT
    u.paper AS subject, 'Paper' AS subject_type, 'INTRODUCES' AS relation, u.id AS object, 'Model' AS object_type,
    1 AS support, max(c.confidence) AS confidence, min(p.year) AS first_year, min(p.year) AS last_year
FROM unnamed u
JOIN paper p USING (paper)
JOIN claim c ON c.subject = u.id
GROUP BY u.paper, u.id;

-- Parameters: each paper that states some is a voice, and so is the name. Values within a tenth agree.
CREATE TABLE voice AS
SELECT DISTINCT subject AS id, paper, number AS value
FROM claim
WHERE relation = 'HAS_SIZE' AND subject_type = 'Model' AND number IS NOT NULL
    AND number_unit IN (SELECT unit FROM unit WHERE means = 'parameters');

INSERT INTO voice
SELECT i.id, '', f.parameters
FROM ident i
JOIN fact f USING (key, kind)
JOIN typed t ON t.id = i.id AND t.type = 'Model'
WHERE f.parameters IS NOT NULL;

CREATE TABLE parameters AS
WITH
    agreeing AS (
        SELECT a.id, a.paper, a.value, count(DISTINCT b.paper) AS voices, bool_or(b.paper <> '') AS told
        FROM voice a
        JOIN voice b ON b.id = a.id AND abs(a.value - b.value) <= 0.1 * greatest(a.value, b.value)
        GROUP BY ALL
    ),
    counted AS (SELECT id, count(DISTINCT paper) AS voices, bool_or(paper <> '') AS told FROM voice GROUP BY id)
SELECT
    a.id,
    list(DISTINCT a.value::BIGINT ORDER BY a.value::BIGINT) FILTER (a.paper <> '' OR NOT a.told) AS parameters_all,
    CASE WHEN min(c.told::INTEGER) = 1 THEN 'text' ELSE 'name' END AS parameters_origin,
    max(a.voices) < min(c.voices) AS apart
FROM agreeing a
JOIN counted c USING (id)
GROUP BY a.id;

CREATE TABLE amount AS
SELECT subject AS id, u.means, max(number)::BIGINT AS value
FROM claim
JOIN unit u ON u.unit = number_unit
WHERE relation = 'HAS_SIZE' AND subject_type = 'Model' AND number IS NOT NULL
GROUP BY ALL;
