  papers."$column" AS "$label"
