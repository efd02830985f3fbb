-- Questions about a paper that were answered with a code that was split since, and the coders who wait to say which.
SELECT question_id, coder FROM open_again WHERE paper_id = ?
