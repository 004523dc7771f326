SELECT
    p.paper AS id, d.name,
    d.title, d.abstract, d.published, d.year, d.date_origin, d.input_id,
    coalesce(d.url, a.url) AS url
FROM paper p
JOIN docs d USING (doc)
LEFT JOIN address a USING (paper)
ORDER BY p.paper
