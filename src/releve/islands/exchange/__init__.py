"""Carrying logs between islands: cut into files, pulled, checked, kept. Imports nothing but `releve.journal`.

layout    what a log looks like as files: names, bundles                    (pure)
publish   files cut from the logs on this disk
identity  certificate and keys towards other islands
caddy     the door: TLS, and whom to let in; behind it `publisher_process`
source    where files are pulled from: an island over HTTPS, a folder
pull      what to ask for next, and what to believe                         (no clock, no socket)
mirror    another island's log on this disk
"""
