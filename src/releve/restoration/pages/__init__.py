"""The screens of the restoration: `*_page.py` answer addresses (`urls.py` names them), `*_form.py` read what is typed.

Read `request.py` first (what every page needs of a request: what stands, who asks, what she may do), then
`overview_page.py`. Pages read what stands from `standing/`, draw with `drawing/`, say with `sentences.py`, record
with `acting.py`. They never plan: they ask for a plan, and `making/` answers. Nothing below imports a page.
"""
