-- The other papers of the same study.
SELECT id, title, year, venue
FROM papers
WHERE study_id = (SELECT study_id FROM papers WHERE id = :paper) AND id <> :paper
ORDER BY year, id
