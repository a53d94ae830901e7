"""The screens of the fleet: `*_page.py` and `*_pages.py` answer addresses (`urls.py` names them).

Read `overview_page.py` first, then `scan_page.py`: what four people do all day. `step_form.py` reads what is typed of a
step, `acting.py` records it. Pages read what stands from `fleet/desk.py`. Nothing below imports a page.
"""
