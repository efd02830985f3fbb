-- What coders said independently, and since: for each question, each way to answer a paper and on how many papers it was.
-- said: a JSON array of coder, answer, and what the same coder says since
WITH given AS (
  SELECT question_id, json_group_array(json_array(coder, json(answer), json(later))) AS said
  FROM independent_answers
  GROUP BY paper_id, question_id
)
SELECT question_id, said, count(*)
FROM given
GROUP BY question_id, said
