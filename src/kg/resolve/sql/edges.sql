SELECT *, concat_ws('|', subject, relation, object) AS id FROM edge ORDER BY id, relation, subject
