-- Of draft-papers: a text or a number.
  papers."$column" AS "$label"
