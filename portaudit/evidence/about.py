"""The rows of the README's table of evidence that claims speak for, by their first words, in its order."""

SIMULATOR = "the simulated kernel answers as XNU 15.4 does"
OTHER_OBJECTS = (
    "semaphores, clocks, vouchers, memory entries, file ports and IOKit objects of the simulated kernel"
)
PROMISES = "what Mach promises of rights holds on both kernels"
TRANSFERS = "verdicts of host/extension transfers"
RATES = "rates of a series, whatever comes and goes beside it"
CAUSES = "each cause rule speaks of what causes it"
SCENARIOS = "the demo's verdicts on a real kernel"
SYMBOLS = "C types, constants, prototypes, exported symbols"
LSMP = "reading lsmp's text and JSON"
PROBE = "the probe"
BY_XPC = "the transfer by XPC (`portaudit demo --xpc`)"
LEDGER = (
    "the ledger: 1,151,326 events of 8 threads add up to what the kernel counts; kills, forks, full disks"
)
RECORDERS = "both recorders write the same events"
PLANTED = "the right line of a planted leak"
INTERPOSER = "the interposer for macOS"
GUARDS = "decoding guard exceptions"
FOOTPRINT = "the auditor gives back what it takes"
PLAIN_PORT = "what a plain port's kobject type is"
PARENTS = "XPC services and app extensions are launchd's children"
DOORS = "which processes may be read (AMFI, SIP, entitlements)"

ROWS = (
    *(SIMULATOR, OTHER_OBJECTS, PROMISES, TRANSFERS, RATES, CAUSES, SCENARIOS, SYMBOLS, LSMP, PROBE, BY_XPC),
    *(LEDGER, RECORDERS, PLANTED, INTERPOSER, GUARDS, FOOTPRINT, PLAIN_PORT, PARENTS, DOORS),
)
