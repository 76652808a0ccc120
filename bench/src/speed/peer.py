"""What python-OBD makes of a port: `live` reads eight values over and over, `check` reads everything once."""

import json
import sys
import time

import obd

LIVE = ["RPM", "SPEED", "ENGINE_LOAD", "THROTTLE_POS", "INTAKE_PRESSURE", "TIMING_ADVANCE", "MAF", "RELATIVE_THROTTLE_POS"]

mode, port, baud, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
obd.logger.removeHandler(obd.console_handler)
begin = time.monotonic()
connection = obd.OBD(port, baudrate=baud or None, fast=True, timeout=10 if mode == "check" else 5)
if not connection.is_connected():
    print(json.dumps({"error": str(connection.status())}))
    sys.exit(1)

if mode == "live":
    commands = [obd.commands[name] for name in LIVE]
    # Twice, so that it knows how many frames each answer has.
    for _ in range(2):
        for command in commands:
            connection.query(command)
    replies, missing, begin = 0, 0, time.monotonic()
    while time.monotonic() - begin < seconds:
        for command in commands:
            if connection.query(command).is_null():
                missing += 1
            else:
                replies += 1
    print(json.dumps({"per_second": replies / (time.monotonic() - begin), "missing": missing}))
else:
    # What it says the vehicle supports, without what clears codes, the adapter's own commands, and the lists that it has
    # read while connecting. Of the freeze frame only where there is one: else each of its values waits in vain.
    left_out = [obd.commands.CLEAR_DTC, obd.commands.ELM_VERSION, obd.commands.ELM_VOLTAGE, *obd.commands.pid_getters()]
    cause = obd.commands.FREEZE_DTC
    if cause not in connection.supported_commands or not connection.query(cause).value:
        left_out += [command for command in connection.supported_commands if command.mode == 2]
    read, empty = 0, 0
    for command in sorted(connection.supported_commands, key=lambda c: c.command):
        if command in left_out:
            continue
        if connection.query(command).is_null():
            empty += 1
        else:
            read += 1
    print(json.dumps({"seconds": time.monotonic() - begin, "read": read, "empty": empty}))
connection.close()
