-- Which text stands for each paper.

-- A folded title that exactly one identified paper has: papers known by that title only join it.
CREATE TABLE identified AS
SELECT folded, min(key) AS key
FROM docs
WHERE identified AND folded <> '' AND NOT curated
GROUP BY folded
HAVING count(DISTINCT key) = 1;

-- A source of added facts that is a paper of the graph, by its key or its address, is that paper.
CREATE TABLE source AS
SELECT c.doc, coalesce(min(k.key), min(u.key), c.key) AS key
FROM docs c
LEFT JOIN (SELECT DISTINCT key FROM docs WHERE NOT curated) k ON k.key = c.key
LEFT JOIN (
    SELECT d.url, coalesce(i.key, d.key) AS key
    FROM docs d
    LEFT JOIN identified i ON i.folded = d.folded AND NOT d.identified
    WHERE NOT d.curated
) u ON u.url = c.key OR u.url = c.url
WHERE c.curated
GROUP BY c.doc, c.key;

CREATE TABLE filed AS
SELECT d.* EXCLUDE (title, abstract), coalesce(s.key, CASE WHEN NOT d.identified THEN i.key END, d.key) AS paper
FROM docs d
LEFT JOIN source s USING (doc)
LEFT JOIN identified i ON i.folded = d.folded;

-- Of several texts under one key the greatest holds; texts that are equal in all of these are the same.
CREATE TABLE paper AS
SELECT * EXCLUDE (place)
FROM (
    SELECT
        doc, paper, year,
        row_number() OVER (
            PARTITION BY paper
            ORDER BY curated, updated DESC, coalesce(published, '') DESC, digest DESC, tie DESC, doc
        ) AS place
    FROM filed
)
WHERE place = 1;

-- What speaks for each paper: its text, and what was added from it.
CREATE TABLE reading AS
SELECT f.doc, f.paper, p.year, f.curated, p.doc AS text
FROM filed f
JOIN paper p USING (paper)
WHERE f.doc = p.doc OR f.curated;

-- An address that another copy of the text came with is not lost.
CREATE TABLE address AS
SELECT paper, max(url) AS url
FROM filed
WHERE url IS NOT NULL
GROUP BY ALL;

CREATE TABLE spelt AS
SELECT DISTINCT s.name, s.type, s.spelling
FROM spellings s
JOIN reading p USING (doc);
