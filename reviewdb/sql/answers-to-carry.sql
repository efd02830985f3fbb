-- What some decisions say, as it is filed.
-- :ids  an array of their numbers
SELECT * FROM answers WHERE decision_id IN (SELECT value FROM json_each(:ids))
ORDER BY rowid
