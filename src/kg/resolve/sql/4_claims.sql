-- One claim for each thing that a paper states, with the places where it says so, the clearest first.
-- allowed: what the schema lets relate.

CREATE TABLE stated AS
WITH
    joined AS (
        SELECT
            s.doc, s.number, p.paper, p.year, p.curated, s.relation,
            CASE WHEN s.unnamed THEN 'unnamed@' || p.paper WHEN s.subject IS NULL THEN p.paper ELSE se.id END AS subject,
            CASE WHEN s.unnamed THEN 'Model' WHEN s.subject IS NULL THEN 'Paper' ELSE st.type END AS subject_type,
            coalesce(s.size, oe.id) AS object,
            CASE WHEN s.size IS NOT NULL THEN 'Size' ELSE ot.type END AS object_type,
            s.how, s.outcome, s.member, s.value, s.unit, s.confidence, s.metric, s.score
        FROM statements s
        JOIN reading p USING (doc)
        LEFT JOIN entity_of se ON se.paper = p.paper AND se.name = s.subject AND se.type = s.subject_type
        LEFT JOIN typed st ON st.id = se.id
        LEFT JOIN entity_of oe ON oe.paper = p.paper AND oe.name = s.object AND oe.type = s.object_type
        LEFT JOIN typed ot ON ot.id = oe.id
        -- what a person says is no such thing says nothing
        WHERE (s.subject IS NULL OR se.id IS NOT NULL) AND (s.object IS NULL OR oe.id IS NOT NULL)
    ),
    -- Papers may together see a thing otherwise than one of them: then what holds between the two is that one
    -- uses the other, or nothing.
    fitted AS (
        SELECT j.* REPLACE (CASE WHEN a.relation IS NOT NULL OR j.relation = 'RESULT' THEN j.relation WHEN u.relation IS NOT NULL AND NOT j.curated THEN 'USES' END AS relation)
        FROM joined j
        LEFT JOIN allowed a ON a.relation = j.relation AND a.subject_type = j.subject_type AND a.object_type = j.object_type
        LEFT JOIN allowed u ON u.relation = 'USES' AND u.subject_type = j.subject_type AND u.object_type = j.object_type
    )
SELECT
    *,
    left(sha256(concat_ws(
        chr(31), paper, relation, subject, coalesce(object, ''), coalesce(metric, ''), coalesce(score, ''),
        coalesce(outcome, '')
    )), 20) AS id
FROM fitted
WHERE relation IS NOT NULL;

-- What would relate a thing to itself is no statement: most often two things were taken for one.
CREATE TABLE of_itself AS
SELECT s.paper, s.relation, s.subject AS id, min(e.quote) AS quote, min(e.subject_text) AS subject_text, min(e.object_text) AS object_text
FROM stated s
JOIN evidence e USING (doc, number)
WHERE s.subject = s.object
GROUP BY ALL;

DELETE FROM stated WHERE subject = object;

-- What a person rejects, but not what a person adds.
CREATE TABLE refused AS
SELECT DISTINCT r.entry, s.id
FROM rejection r
JOIN stated s ON s.relation = r.relation AND NOT s.curated
JOIN referred a ON a.entry = r.entry AND a.role = 'subject' AND a.id = s.subject
LEFT JOIN referred b ON b.entry = r.entry AND b.role = 'object' AND b.id = s.object
LEFT JOIN named_paper n ON n.entry = r.entry AND n.paper = s.paper
WHERE (b.id IS NOT NULL OR NOT r.has_object) AND (n.paper IS NOT NULL OR r.raw_paper IS NULL);

CREATE TABLE refused_end AS
SELECT DISTINCT r.entry, unnest([s.subject, s.object]) AS id
FROM refused r
JOIN stated s USING (id);

DELETE FROM stated WHERE NOT curated AND id IN (SELECT id FROM refused);

-- What the id is made of is the same in all rows of a group, so min() only picks it.
CREATE TABLE claim AS
SELECT
    id,
    min(paper) AS paper, min(year) AS year, min(relation) AS relation,
    min(subject) AS subject, min(subject_type) AS subject_type,
    min(object) AS object, min(object_type) AS object_type,
    min(outcome) AS outcome, min(metric) AS metric, min(score) AS score,
    min(value) AS number, min(unit) AS number_unit,
    list(how ORDER BY confidence DESC, how) FILTER (how IS NOT NULL)[1] AS how,
    list(member ORDER BY confidence DESC, member) FILTER (member IS NOT NULL)[1] AS member,
    max(confidence) AS confidence
FROM stated
GROUP BY id;

-- A quote from a paper of the graph stands where its text has it, or nowhere: it may be from beyond the abstract.
CREATE TABLE located AS
SELECT * FROM evidence WHERE doc NOT IN (SELECT doc FROM reading WHERE doc <> text)
UNION ALL
SELECT
    e.* EXCLUDE (here) REPLACE (
        here - 1 AS start,
        here - 1 + length(quote) AS "end",
        regexp_replace(json, '^\{"start":\d+,"end":\d+,', '{' || coalesce('"start":' || (here - 1) || ',"end":' || (here - 1 + length(quote)) || ',', '')) AS json
    )
FROM (
    SELECT e.*, nullif(strpos(d.title || chr(10) || d.abstract, e.quote), 0) AS here
    FROM evidence e
    JOIN reading r ON r.doc = e.doc AND r.doc <> r.text
    JOIN docs d ON d.doc = r.text
) e;

CREATE TABLE told AS
WITH
    places AS (
        SELECT DISTINCT s.id, e.* EXCLUDE (doc, number)
        FROM stated s
        JOIN located e USING (doc, number)
    )
SELECT *, row_number() OVER (PARTITION BY id ORDER BY gaps, start, "end", json) AS rank
FROM places;

CREATE TABLE told_again AS
SELECT id, '[' || string_agg(json, ',' ORDER BY rank) || ']' AS evidence
FROM told
WHERE rank > 1
GROUP BY id;
