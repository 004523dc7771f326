-- Which text stands for each paper.

-- A folded title that exactly one identified paper has: papers known by that title only join it.
CREATE TABLE identified AS
SELECT folded, min(key) AS key
FROM docs
WHERE identified AND folded <> ''
GROUP BY folded
HAVING count(DISTINCT key) = 1;

-- Of several texts under one key the greatest holds; texts that are equal in all of these are the same.
CREATE TABLE paper AS
SELECT * EXCLUDE (place)
FROM (
    SELECT
        d.doc,
        CASE WHEN d.identified THEN d.key ELSE coalesce(i.key, d.key) END AS paper,
        d.year,
        row_number() OVER (
            PARTITION BY CASE WHEN d.identified THEN d.key ELSE coalesce(i.key, d.key) END
            ORDER BY d.updated DESC, coalesce(d.published, '') DESC, d.digest DESC, d.tie DESC, d.doc
        ) AS place
    FROM docs d
    LEFT JOIN identified i USING (folded)
)
WHERE place = 1;

-- An address that another copy of the text came with is not lost.
CREATE TABLE address AS
SELECT coalesce(i.key, d.key) AS paper, max(d.url) AS url
FROM docs d
LEFT JOIN identified i ON i.folded = d.folded AND NOT d.identified
WHERE d.url IS NOT NULL
GROUP BY ALL;

CREATE TABLE spelt AS
SELECT DISTINCT s.name, s.type, s.spelling
FROM spellings s
JOIN paper p USING (doc);
