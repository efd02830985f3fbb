-- What a paper is coded as, and what is suggested or contested.
SELECT question_id, code, status FROM paper_codes WHERE paper_id = :paper AND NOT implied
