"""The reviewer's seat without a terminal: a list of papers, one paper before a coder, and what each key does to it.

`opening.open_desk` sits a coder down, `desk.Desk` reads and decides, `keyboard.Keyboard` turns keys into what a desk
does, and `views` has the frozen values that a front end draws.
"""
