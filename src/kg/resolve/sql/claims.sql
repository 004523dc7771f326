WITH called AS (
    SELECT id, name FROM entity
    UNION ALL
    SELECT p.paper, d.name FROM paper p JOIN docs d USING (doc)
)
SELECT
    c.*,
    s.name || CASE
        WHEN c.relation = 'RESULT' THEN concat(': ', c.score, ' ' || c.metric, ' on ' || o.name)
        ELSE concat(' ', c.relation, ' ', o.name)
    END AS name,
    CASE WHEN c.relation <> 'RESULT' THEN concat_ws('|', c.subject, c.relation, c.object) END AS edge,
    t.quote, t.start, t."end", t.subject_text, t.subject_start, t.subject_end,
    t.object_text, t.object_start, t.object_end, t.rule, t.kind,
    g.evidence
FROM claim c
JOIN told t ON t.id = c.id AND t.rank = 1
JOIN called s ON s.id = c.subject
LEFT JOIN called o ON o.id = c.object
LEFT JOIN told_again g ON g.id = c.id
ORDER BY c.id
