"""The keyboard screen in a terminal: a session drawn by Textual, or line by line where there is no full terminal."""
