-- A condition on a row of papers.
-- :review_codes  JSON: for each question, the [question, code, standing] one of which the paper must carry
NOT EXISTS (
  SELECT 1
  FROM json_each(:review_codes) AS asked
  WHERE NOT EXISTS (
    SELECT 1
    FROM json_each(asked.value) AS one
    JOIN paper_codes AS said
      ON said.question_id = one.value ->> 0 AND said.code = one.value ->> 1 AND said.status = one.value ->> 2
    WHERE said.paper_id = papers.id
  )
)
