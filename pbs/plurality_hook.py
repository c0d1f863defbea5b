# SPDX-License-Identifier: Apache-2.0
"""Plurality's hook for OpenPBS and PBS Pro: one file for all of its events.

queuejob            a job with -v PLURALITY_IMAGE=REF[,...] gets a hold of type o, and its staging is started, detached
runjob              the job is given what was staged: PLURALITY_IMAGE and PLURALITY_PINNED with digests; one whose staging has failed
                    was released by its user, and is held and staged in again
execjob_launch      with PLURALITY_WRAP=1 in the job's variables, its program is run inside the image
execjob_epilogue, execjob_end
                    the job's lease is let go, and what it left on the node is removed, detached
exechost_periodic   what was left there by jobs that this node knows no more
periodic            on the server: leases and records of jobs that were deleted before they ran, and what a restart of it interrupted

Nothing here waits for a network or for a process: PBS ends a hook after 30 s, and holds others up meanwhile. The work is done by
pbs/stage, as the user. What a user wrote is only ever an argument of a program, never a part of a command line.
"""

import json
import os
import re
import subprocess
import uuid

import pbs

IMAGE = re.compile(r"^(docker://)?[A-Za-z0-9][A-Za-z0-9._:/@-]{0,511}\Z")
# What is a file, a directory or a daemon of some host: as a name of a registry's image none of these words means what its user wants.
ELSEWHERE = re.compile(r"^((docker-daemon|docker-archive|oci|oci-archive|dir|squashfs|sif):|(?!docker://)[a-z-]+:/)")
CACHE = re.compile(r"^/[A-Za-z0-9._/@+-]{1,511}\Z")
TAG = re.compile(r"^[0-9a-f]{32}\Z")
JOB = re.compile(r"^[0-9]{1,12}[A-Za-z0-9.\[\]_-]{0,200}\Z")
MOST_IMAGES = 16
# Our hold. Dependencies hold with s, and release it; users have u.
HOLD = "o"


def configuration():
    """prefix: Plurality's tree; spool: a directory of root's on the server's host."""
    name = getattr(pbs, "hook_config_filename", None)
    settings = {"prefix": "/opt/plurality", "spool": "/var/spool/plurality/pbs"}
    if name:
        with open(name, encoding="utf-8") as file:
            settings.update(json.load(file))
    return settings


def variable(job, name):
    """One of the job's variables, or None. PBS has a backslash before its commas, quotes and backslashes."""
    try:
        value = job.Variable_List[name]
    except (KeyError, TypeError, AttributeError):
        return None
    return None if value is None or str(value) == "" else re.sub(r"""\\([,'"\\])""", r"\1", str(value))


def detached(settings, action, *words):
    """Starts pbs/stage in a session of its own, and does not wait for it."""
    subprocess.Popen(
        [os.path.join(settings["prefix"], "share/pbs/stage"), action, settings["spool"], *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        close_fds=True,
        start_new_session=True,
        cwd="/",
        env={"PATH": commands() + ":/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", **pbs_environment()},
    )


def commands():
    """Where PBS's own commands are, before those that another scheduler has of the same names (Slurm's qstat)."""
    conf = getattr(pbs, "pbs_conf", None) or {}
    return os.path.join(str(conf.get("PBS_EXEC") or "/opt/pbs"), "bin")


def pbs_environment():
    """Where PBS itself is, for its commands."""
    return {name: os.environ[name] for name in ("PBS_CONF_FILE", "PBS_EXEC", "PBS_SERVER") if name in os.environ}


def images_of(event, job):
    """The images that a job names, each checked; rejects the job when one is none."""
    # qsub -v splits at commas: several images are separated by blanks.
    images = [image for image in (variable(job, "PLURALITY_IMAGE") or "").split(" ") if image]
    for image in images:
        if ELSEWHERE.match(image):
            event.reject("plurality: cannot use PLURALITY_IMAGE=%r: images come from registries here: [docker://][HOST[:PORT]/]NAME[:TAG][@DIGEST]" % image[:120])
        if not IMAGE.match(image) or ".." in image or "//" in image.replace("docker://", "", 1):
            event.reject("plurality: cannot use PLURALITY_IMAGE=%r: write it like alpine:3.20, or registry.example.org:5000/group/name:tag" % image[:120])
    if len(images) > MOST_IMAGES:
        event.reject("plurality: cannot stage in %d images: more than %d" % (len(images), MOST_IMAGES))
    return images


def queuejob(event, settings):
    job = event.job
    if variable(job, "PLURALITY_REQUEST") is not None:
        # Of the job that submits this one with qsub -V: that one's record is none of ours.
        job.Variable_List["PLURALITY_REQUEST"] = ""
    images = images_of(event, job)
    if not images or all(image.startswith("sha256:") for image in images):
        # None, or what `plurality submit` has staged in and pinned.
        return
    cache = variable(job, "PLURALITY_CACHE")
    if cache is not None and (not CACHE.match(cache) or "/../" in cache + "/"):
        event.reject("plurality: cannot use PLURALITY_CACHE=%r: it is no absolute path" % cache[:120])
    user = str(event.requestor)
    if not re.match(r"^[A-Za-z_][A-Za-z0-9_.-]{0,63}\Z", user) or user == "root":
        event.reject("plurality: cannot stage in for %r: submit as an ordinary user" % user[:64])
    tag = uuid.uuid4().hex
    request = os.path.join(settings["spool"], tag)
    try:
        os.mkdir(request, 0o700)
        write(request, "user", user)
        write(request, "images", "".join(image + "\0" for image in images))
        write(request, "cache", cache or "")
        write(request, "settings", settings_of(job, settings["prefix"]))
        write(request, "state", "waiting")
    except OSError as error:
        event.reject("plurality: cannot pull: %s; run pbs/install on the server's host" % error)
    job.Variable_List["PLURALITY_REQUEST"] = tag
    # Beside those that the user asked for.
    asked = "".join(kind for kind in "usp" if kind in str(job.Hold_Types or ""))
    job.Hold_Types = pbs.hold_types(asked + HOLD)
    detached(settings, "stage-in", tag)


def settings_of(job, prefix):
    """The user's settings for staging in, each ended by NUL."""
    with open(os.path.join(prefix, "libexec/staging-settings"), encoding="utf-8") as file:
        names = [name for name in file.read().split("\n") if name and not name.startswith("#")]
    chosen = [(name, variable(job, name)) for name in names]
    return "".join(name + "=" + value + "\0" for name, value in chosen if value is not None and "\0" not in value)


def write(directory, name, text):
    with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
        file.write(text)


def runjob(event, settings):
    job = event.job
    tag = variable(job, "PLURALITY_REQUEST")
    if tag is None:
        return
    if not TAG.match(tag):
        event.reject("plurality: cannot run: PLURALITY_REQUEST is not ours")
    directory = os.path.join(settings["spool"], tag)
    try:
        with open(os.path.join(directory, "user"), encoding="utf-8") as file:
            owner = file.read()
        with open(os.path.join(directory, "digests"), encoding="utf-8") as file:
            lines = file.read().split()
        with open(os.path.join(directory, "images"), encoding="utf-8") as file:
            images = file.read().split("\0")[:-1]
    except OSError:
        job.Hold_Types = pbs.hold_types(HOLD)
        event.reject("plurality: cannot run: " + not_staged(settings, directory, tag))
    if owner != str(job.euser or "").split("@", maxsplit=1)[0]:
        event.reject("plurality: cannot run: PLURALITY_REQUEST belongs to another user")
    job.Variable_List["PLURALITY_IMAGE"] = lines[0]
    job.Variable_List["PLURALITY_PINNED"] = " ".join(name + "=" + digest for name, digest in zip(images, lines))


def not_staged(settings, directory, tag):
    """Why a job has no image yet. Where nothing is at it, the staging begins again; its lock sees to it that one does."""
    try:
        with open(os.path.join(directory, "state"), encoding="utf-8") as file:
            state = file.read()
        if state == "failed":
            write(directory, "state", "waiting")
            if os.path.exists(os.path.join(directory, "user-hold")):
                os.remove(os.path.join(directory, "user-hold"))
    except OSError:
        return "nothing is known of its image: delete it and submit it again"
    detached(settings, "stage-in", tag)
    return "its image is being staged in again" if state == "failed" else "its image is still being staged in"


def execjob_launch(event, settings):
    job = event.job
    image = event.env.get("PLURALITY_IMAGE") or variable(job, "PLURALITY_IMAGE")
    wrap = event.env.get("PLURALITY_WRAP") or variable(job, "PLURALITY_WRAP")
    if not image or wrap not in ("1", "yes", "true"):
        return
    launcher = os.path.join(settings["prefix"], "bin/plurality-exec")
    # argv[0] is a name only: a login shell's begins with a hyphen.
    words = [str(word) for word in event.argv][1:]
    program = str(event.progname)
    script = script_of(job)
    binds = ["-B", script + ":" + script + ":ro"] if script else []
    event.progname = launcher
    event.argv = [launcher, *binds, str(image).split(" ", maxsplit=1)[0], "--", program, *words]


def script_of(job):
    """The job's script as PBS keeps it: after this hook its shell is given that file by name."""
    home = str((getattr(pbs, "pbs_conf", None) or {}).get("PBS_HOME") or "/var/spool/pbs")
    path = os.path.join(home, "mom_priv/jobs", str(job.id) + ".SC")
    return path if JOB.match(str(job.id)) and ":" not in path and os.path.isfile(path) else None


def execjob_end(event, settings):
    job = event.job
    name = str(job.id)
    if not JOB.match(name):
        return
    tag = variable(job, "PLURALITY_REQUEST") or ""
    user = str(job.euser or "").split("@", maxsplit=1)[0]
    if not user or user == "root" or not user_name(user):
        return
    detached(settings, "clean", name, user)
    if job.in_ms_mom() and (tag or variable(job, "PLURALITY_IMAGE")):
        detached(settings, "release", name, user, tag if TAG.match(tag) else "-", variable(job, "PLURALITY_CACHE") or "-")


def user_name(user):
    return re.match(r"^[A-Za-z_][A-Za-z0-9_.-]{0,63}\Z", user) is not None


def exechost_periodic(event, settings):
    if event.job_list is None:
        # Which jobs there are is not known.
        return
    jobs = [str(name) for name in event.job_list.keys()]
    detached(settings, "sweep", *[name for name in jobs if JOB.match(name)])


def periodic(event, settings):
    detached(settings, "forget")


def main():
    event = pbs.event()
    does = {
        pbs.QUEUEJOB: queuejob,
        pbs.RUNJOB: runjob,
        pbs.EXECJOB_LAUNCH: execjob_launch,
        pbs.EXECJOB_EPILOGUE: execjob_end,
        pbs.EXECJOB_END: execjob_end,
        pbs.EXECHOST_PERIODIC: exechost_periodic,
        pbs.PERIODIC: periodic,
    }.get(event.type)
    if does is not None:
        try:
            does(event, configuration())
        except SystemExit:
            raise
        except Exception as error:  # pylint: disable=broad-except
            # A job that does not want us must not suffer from us.
            pbs.logmsg(pbs.LOG_ERROR, "plurality: %s: %s" % (type(error).__name__, error))
            if does in (queuejob, runjob) and variable(event.job, "PLURALITY_IMAGE"):
                event.reject("plurality: cannot go on: %s" % error)
    event.accept()


main()
