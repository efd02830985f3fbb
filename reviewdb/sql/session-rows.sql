-- Papers as one coder sees them: verdicts is a JSON object of that coder's own answers to stages.
-- :coder; :unblind  what others disagree on shows as well; :first, :last  a range of ids, which an index finds
WITH said AS (
  SELECT
    now.paper_id,
    json_group_object(now.question_id, now.answer) FILTER (WHERE now.coder = :coder AND kind = 'stage') AS verdicts,
    sum(now.coder = :coder AND kind <> 'stage') AS tagged,
    max(now.contested AND (:unblind OR now.coder = :coder)) AS contested
  FROM current_decisions AS now JOIN questions ON questions.id = now.question_id
  WHERE now.paper_id BETWEEN :first AND :last
  GROUP BY now.paper_id
)
SELECT papers.id, key, title, year, status, coalesce(verdicts, '{}'), coalesce(tagged, 0), coalesce(contested, 0)
FROM papers LEFT JOIN said ON said.paper_id = papers.id
WHERE papers.id BETWEEN :first AND :last
ORDER BY papers.id
