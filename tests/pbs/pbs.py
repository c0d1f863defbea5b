# SPDX-License-Identifier: Apache-2.0
"""Stands in for the module `pbs` that PBS gives its hooks: the names, types and behaviour that its guide to hooks documents and that
OpenPBS's own modules have. A hook sees one event, from the file that PBS_TEST_EVENT names; how it ended is written there too."""

import json
import os
import sys

QUEUEJOB, MODIFYJOB, RUNJOB = 0x01, 0x02, 0x10
EXECJOB_BEGIN, EXECJOB_PROLOGUE, EXECJOB_EPILOGUE, EXECJOB_END = 0x80, 0x100, 0x200, 0x400
EXECHOST_PERIODIC, PERIODIC, EXECJOB_LAUNCH = 0x1000, 0x8000, 0x10000
LOG_ERROR, LOG_DEBUG = 0x0001, 0x0004
pbs_conf = {"PBS_EXEC": os.environ.get("PBS_TEST_EXEC", "/opt/pbs"), "PBS_HOME": os.environ.get("PBS_TEST_HOME", "/var/spool/pbs")}
hook_config_filename = os.environ.get("PBS_HOOK_CONFIG_FILE")

_LIMITED = {RUNJOB: {"Hold_Types", "Execution_Time", "project", "Error_Path", "Output_Path", "Variable_List", "depend"}}


class hold_types(str):
    """A string of u, o, s, p or n."""

    def __new__(cls, value):
        if not value or set(value) - set("uosnp"):
            raise ValueError("bad hold types")
        return super().__new__(cls, value)


class _Environment(dict):
    def __setitem__(self, name, value):
        super().__setitem__(str(name), str(value))


class _Job:
    """Attributes that were not set are None; which may be set depends on the event."""

    def __init__(self, values, event_type):
        values = dict(values)
        self.__dict__.update(values)
        self.__dict__["Variable_List"] = _Environment(values.get("Variable_List") or {})
        self.__dict__["_type"] = event_type

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return None

    def __setattr__(self, name, value):
        if name == "Variable_List":
            raise AttributeError("only single variables can be set")
        if self._type in _LIMITED and name not in _LIMITED[self._type]:
            raise AttributeError("attribute '%s' is readonly" % name)
        if name == "Hold_Types" and not isinstance(value, hold_types):
            raise TypeError("Hold_Types takes hold_types")
        self.__dict__[name] = value

    def in_ms_mom(self):
        return bool(self.__dict__.get("_in_ms_mom", True))


class _Event:
    def __init__(self, values):
        self.type = values["type"]
        self.requestor = values.get("requestor", "root")
        self.requestor_host = "localhost"
        self.hook_name = "plurality"
        self.job = _Job(values.get("job") or {}, self.type)
        self.job_list = values.get("job_list")
        self.progname = values.get("progname")
        self.argv = values.get("argv")
        self.env = _Environment(values.get("env") or {})

    def accept(self):
        self._end(True, None)

    def reject(self, message="", _code=255):
        self._end(False, message)

    def _end(self, accepted, message):
        job = {name: value for name, value in self.job.__dict__.items() if not name.startswith("_")}
        result = {"accepted": accepted, "message": message, "job": job, "progname": self.progname, "argv": self.argv}
        with open(os.environ["PBS_TEST_EVENT"] + ".out", "w", encoding="utf-8") as file:
            json.dump(result, file)
        # So the real one ends a hook.
        sys.exit(0)


_event = None


def event():
    global _event
    if _event is None:
        with open(os.environ["PBS_TEST_EVENT"], encoding="utf-8") as file:
            _event = _Event(json.load(file))
    return _event


def logmsg(_level, message):
    sys.stderr.write(message + "\n")


def logjobmsg(job, message):
    sys.stderr.write("%s: %s\n" % (job, message))
