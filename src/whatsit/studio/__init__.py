"""The page on which everything is done by hand: projects, their photos, training, trying, comparing.

It works on the DATA and RUN folders of the command line and keeps nothing that these need: what is begun here goes
on there, and back. An application and no verb, so there is no `whatsit.studio()` beside `whatsit studio`.
"""
