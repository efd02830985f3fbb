-- The criteria of the protocol, with what rules tell of a paper, and from which words.
SELECT stage, reason, text, holds, words
FROM criteria LEFT JOIN paper_criteria ON paper_criteria.position = criteria.position AND paper_id = ?
ORDER BY criteria.position
