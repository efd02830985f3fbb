-- Some decisions as they are filed; their reasons only with :notes.
-- :ids  an array of numbers
SELECT
  id, record_id, question_id, coder, at, iif(:notes, why, ''), settles, withdrawn, undoes, said, reopened
FROM decisions
WHERE id IN (SELECT value FROM json_each(:ids))
