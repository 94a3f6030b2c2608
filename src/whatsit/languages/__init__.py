"""What our pages say, in the language of who reads them: gettext's way, with the English sentence as the key.

NAME.po is what translators edit; tools/languages.py keeps it, and makes of it NAME.json, which pages and this
package read. English needs neither.
"""
