-- What the patterns of the coding scheme say of some records: a row for each code and span of words.
-- :records  a JSON array of records; :coder  who says so
SELECT record_id, decisions.question_id, code, field, "start", "end", words
FROM decisions
JOIN answers ON decision_id = decisions.id
WHERE coder = :coder AND record_id IN (SELECT value FROM json_each(:records))
ORDER BY decisions.id, answers.rowid
