-- title: Open again
-- description: Answers whose code was split into several and that do not say which, one row for each. They count nowhere until
-- their coder answers again, or somebody settles it: reviewdb tag KEY FACET=CODE.
WITH said AS (
  SELECT made.*, paper_records.paper_id
  FROM decisions AS made
  JOIN paper_records ON paper_records.record_id = made.record_id
  WHERE made.coder NOT LIKE 'rule:%' AND made.undoes IS NULL AND NOT EXISTS (
    SELECT 1
    FROM decisions AS undoing
    WHERE undoing.record_id = made.record_id
      AND undoing.question_id = made.question_id
      AND undoing.coder = made.coder
      AND undoing.undoes = made.at
  )
)
SELECT papers.key AS paper, made.question_id AS question, made.coder, made.said, made.why, papers.title
FROM said AS made
JOIN papers ON papers.id = made.paper_id
JOIN questions ON questions.id = made.question_id
WHERE made.reopened AND NOT EXISTS (
  SELECT 1
  FROM said AS later
  WHERE later.paper_id = made.paper_id
    AND later.question_id = made.question_id
    AND (later.coder = made.coder OR later.settles)
    AND (later.at, later.id) > (made.at, made.id)
)
ORDER BY papers.id, questions.position, made.coder
