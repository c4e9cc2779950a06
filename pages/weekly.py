"""Weekly review 周会: one week against the one before, what to talk about, and the charts."""

from lib.ui.session.page import begin_page
from lib.ui.weekly.view import choose, show_cards, show_figures, show_points

here = begin_page("weekly.view")
review = choose(here)
show_cards(here, review)
show_points(here, review)
show_figures(here, review)
