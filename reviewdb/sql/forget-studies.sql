-- Delete the studies of papers that are about to go.
DELETE FROM studies WHERE id IN (SELECT study_id FROM papers WHERE id IN (SELECT value FROM json_each(:ids)))
