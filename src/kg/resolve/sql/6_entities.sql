-- All that is known of each entity.

CREATE TABLE size_entity AS
SELECT s.size AS id, min(s.name) AS name, min(s.value) AS value, min(s.unit) AS unit
FROM sizes s
WHERE s.size IN (SELECT object FROM claim WHERE object_type = 'Size')
GROUP BY s.size;

-- Which entries had a say in each entity.
CREATE TABLE acted AS
SELECT DISTINCT c.entry, i.id
FROM corrected c
LEFT JOIN alias_map m ON m.alias = c.key AND (m.kind = c.kind OR starts_with(c.entry, 'type: '))
JOIN ident i ON i.key = coalesce(m.target, c.key) AND i.kind = c.kind AND coalesce(c.owner, i.paper, '') = coalesce(i.paper, '')
UNION
SELECT p.entry, e.id
FROM put p
JOIN entity_of e ON e.key = p.to_key AND e.kind = p.to_kind AND coalesce(e.owner, '') = coalesce(p.owner, e.owner, '') AND p.paper IN ('', e.paper)
UNION
SELECT entry, id FROM refused_end WHERE id IS NOT NULL
UNION
SELECT entry, unnest([id, parent]) FROM refused_member
UNION
SELECT s.entry, e.id
FROM struck s
JOIN entity_of e ON e.key = s.key AND e.kind = s.kind AND coalesce(s.paper, e.paper) = e.paper
WHERE s.relation = 'INTRODUCES'
UNION
SELECT a.entry, unnest([s.subject, s.object]) FROM added a JOIN stated s USING (doc);

-- A name said to be no such thing acts where it would have been one.
CREATE TABLE acted_entry AS
SELECT entry FROM acted
UNION
SELECT s.entry
FROM struck s
JOIN named u ON coalesce(s.paper, u.paper) = u.paper AND u.kind = s.kind
LEFT JOIN alias_map m ON m.alias = u.key AND m.kind = u.kind
WHERE s.relation IS DISTINCT FROM 'INTRODUCES' AND s.key = coalesce(m.target, u.key);

CREATE TABLE entity AS
WITH
    by_hand AS (SELECT id, list(entry ORDER BY entry) AS curated FROM acted GROUP BY id),
    seen AS (
        SELECT
            e.id, count(*) AS papers, max(e.confidence) AS confidence,
            count(*) FILTER (e.introduced) AS introduced,
            min(p.year) FILTER (e.introduced) AS introduced_year,
            min(p.year) AS first_mentioned_year
        FROM paper_entity e
        JOIN paper p USING (paper)
        GROUP BY e.id
    ),
    families AS (SELECT DISTINCT object AS id FROM name_edge)
SELECT
    i.id, t.type, d.name,
    a.aliases,
    coalesce(s.papers, 0) AS papers, coalesce(s.confidence, 1000) AS confidence,
    f.known, true AS named,
    m.id IS NOT NULL AS is_family, n.object AS family,
    coalesce(s.introduced, 0) AS introduced, s.introduced_year, s.first_mentioned_year,
    -- a name that the lexicon knows is used by many who introduce things of that name's family
    coalesce(s.introduced, 0) > 1 AND i.kind <> '' AND NOT i.namesake AND NOT f.known AND z.key IS NULL AS homonym_suspect,
    CASE WHEN len(p.parameters_all) = 1 THEN p.parameters_all[1] END AS parameters,
    p.parameters_all[1] AS parameters_min, p.parameters_all[-1] AS parameters_max,
    coalesce(active.value, CASE WHEN t.type = 'Model' THEN f.active END) AS parameters_active,
    p.parameters_all, p.parameters_origin,
    tokens.value AS training_tokens,
    CASE WHEN t.type = 'Model' THEN p.apart AND m.id IS NULL END AS size_conflict,
    NULL::DOUBLE AS value, NULL::VARCHAR AS unit,
    h.curated
FROM ident i
JOIN fact f USING (key, kind)
JOIN typed t ON t.id = i.id
JOIN displayed d ON d.id = i.id
LEFT JOIN also_called a ON a.id = i.id
LEFT JOIN by_hand h ON h.id = i.id
LEFT JOIN at_rest z ON z.key = i.key AND z.kind = i.kind
LEFT JOIN seen s ON s.id = i.id
LEFT JOIN families m ON m.id = i.id
LEFT JOIN name_edge n ON n.subject = i.id
LEFT JOIN parameters p ON p.id = i.id
LEFT JOIN amount active ON active.id = i.id AND active.means = 'active'
LEFT JOIN amount tokens ON tokens.id = i.id AND tokens.means = 'training tokens'
WHERE s.id IS NOT NULL OR m.id IS NOT NULL;

INSERT INTO entity BY NAME
SELECT
    u.id, 'Model' AS type, 'unnamed model of "' || c.name || '"' AS name,
    1 AS papers, e.confidence, false AS known, false AS named, false AS is_family,
    1 AS introduced, p.year AS introduced_year, p.year AS first_mentioned_year, false AS homonym_suspect,
    CASE WHEN len(s.parameters_all) = 1 THEN s.parameters_all[1] END AS parameters,
    s.parameters_all[1] AS parameters_min, s.parameters_all[-1] AS parameters_max,
    s.parameters_all, s.parameters_origin, s.apart AS size_conflict
FROM unnamed u
JOIN paper p USING (paper)
JOIN docs c USING (doc)
JOIN edge e ON e.object = u.id AND e.relation = 'INTRODUCES'
LEFT JOIN parameters s ON s.id = u.id;

INSERT INTO entity BY NAME
SELECT
    z.id, 'Size' AS type, z.name,
    count(DISTINCT c.paper) AS papers, max(c.confidence) AS confidence, false AS known, true AS named,
    false AS is_family, 0 AS introduced, min(c.year) AS first_mentioned_year, false AS homonym_suspect,
    min(z.value) AS value, min(z.unit) AS unit
FROM size_entity z
JOIN claim c ON c.object = z.id
GROUP BY z.id, z.name;
