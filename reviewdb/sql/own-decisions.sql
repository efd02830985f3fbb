-- Lines of one coder's file, last one first, with the paper that each is about now.
-- :coder; :at, :id  before which line, in the order of time; :limit  at most so many
SELECT paper_id, record_id, question_id, at, withdrawn, coalesce(undoes, ''), id
FROM decisions JOIN paper_records USING (record_id)
WHERE coder = :coder AND coder NOT LIKE 'rule:%' AND (at, id) < (:at, :id)
ORDER BY at DESC, id DESC
LIMIT :limit
