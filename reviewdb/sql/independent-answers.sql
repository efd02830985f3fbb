-- What coders said independently, and since: for each question, each way to answer a paper and on how many papers it was.
SELECT question_id, said, count(*)
FROM independent_answers
GROUP BY question_id, said
