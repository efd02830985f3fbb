-- title: Conflicts
-- for: coders
-- description: Questions to which coders give different answers about a paper, one row for each answer. They count nowhere until
-- the coders agree or one decision settles it.
SELECT
  papers.key AS paper,
  now.question_id AS question,
  now.coder,
  now.answer,
  decisions.why,
  papers.title
FROM current_decisions AS now
JOIN decisions ON decisions.id = now.decision_id
JOIN papers ON papers.id = now.paper_id
JOIN questions ON questions.id = now.question_id
WHERE now.contested
ORDER BY papers.id, questions.position, now.coder
