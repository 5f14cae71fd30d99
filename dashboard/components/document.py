"""The HTML around the app. Its one inline script sets the theme before anything is painted."""

from __future__ import annotations

# localStorage may be forbidden; then the system's preference rules, which the stylesheet follows by itself.
THEME_BEFORE_PAINT = (
    "(function(){var t=null;try{t=localStorage.getItem('causeway-theme')}catch(e){}"
    "if(t!=='light'&&t!=='dark'){t=matchMedia('(prefers-color-scheme: dark)').matches?'dark':'light'}"
    "var r=document.documentElement;r.setAttribute('data-theme',t);r.setAttribute('data-bs-theme',t)})();"
)

INDEX = f"""<!DOCTYPE html>
<html lang="en">
  <head>
    {{%metas%}}
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{{%title%}}</title>
    {{%favicon%}}
    <script>{THEME_BEFORE_PAINT}</script>
    {{%css%}}
  </head>
  <body>
    {{%app_entry%}}
    <footer>{{%config%}}{{%scripts%}}{{%renderer%}}</footer>
  </body>
</html>
"""
