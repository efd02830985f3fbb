-- title: Conflicts
-- description: Questions to which coders give different answers about a paper, one row for each answer. They count nowhere until
-- the coders agree or one decision settles it: reviewdb tag or screen KEY ... --settle.
WITH said AS (
  SELECT
    current_decisions.paper_id,
    current_decisions.question_id,
    current_decisions.coder,
    decisions.why,
    (
      SELECT group_concat(said, ', ')
      FROM (SELECT coalesce(code, text) AS said FROM answers WHERE decision_id = decisions.id ORDER BY said)
    ) AS answer
  FROM current_decisions
  JOIN decisions ON decisions.id = current_decisions.decision_id
)
SELECT
  papers.key AS paper,
  said.question_id AS question,
  said.coder,
  coalesce(said.answer, 'no code') AS answer,
  said.why,
  papers.title
FROM said
JOIN papers ON papers.id = said.paper_id
JOIN questions ON questions.id = said.question_id
WHERE EXISTS (
  SELECT 1
  FROM said AS other
  WHERE other.paper_id = said.paper_id
    AND other.question_id = said.question_id
    AND other.answer IS NOT said.answer
)
ORDER BY papers.id, questions.position, said.coder
