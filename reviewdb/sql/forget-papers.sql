-- Delete papers; what stands beside a paper goes with it.
DELETE FROM papers WHERE id IN (SELECT value FROM json_each(:ids))
