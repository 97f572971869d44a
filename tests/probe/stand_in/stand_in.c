/* The probe as a library whose kernel, process and machine are the test's. */
#include "portaudit_probe.h"

#ifdef __cplusplus
extern "C" {
#endif

#include "mach_functions.h"

const char *stand_in_program = "stand-in";
const char *stand_in_machine[3] = {NULL, NULL, NULL};
struct timeval stand_in_started = {0, 0};
int stand_in_refuses = 0;

const char *getprogname(void)
{
    return stand_in_program;
}

int sysctl(int *name, unsigned length, void *old, size_t *size, void *fresh, size_t fresh_size)
{
    struct kinfo_proc process;
    int asked = length == 4 && name[0] == CTL_KERN && name[1] == KERN_PROC && name[2] == KERN_PROC_PID &&
                name[3] == getpid() && *size >= sizeof process && fresh == NULL && fresh_size == 0;
    if (!asked || stand_in_refuses) {
        errno = EPERM;
        return -1;
    }
    process.kp_proc.p_starttime = stand_in_started;
    memcpy(old, &process, sizeof process);
    *size = sizeof process;
    return 0;
}

int sysctlbyname(const char *name, void *old, size_t *size, void *fresh, size_t fresh_size)
{
    static const char *const names[3] = {"kern.bootsessionuuid", "kern.osversion", "hw.model"};
    int at;
    for (at = 0; at < 3; at++) {
        const char *text = stand_in_machine[at];
        if (strcmp(name, names[at]) != 0 || text == NULL || fresh != NULL || fresh_size != 0)
            continue;
        if (strlen(text) + 1 > *size)
            break;
        *size = strlen(text) + 1;
        memcpy(old, text, *size);
        return 0;
    }
    errno = at < 3 ? ENOMEM : ENOENT;
    return -1;
}

int stand_in_probe_write(int fd, const char *role);
int stand_in_probe_write(int fd, const char *role)
{
    return portaudit_probe_write(fd, role);
}

int stand_in_mark(const char *moment, unsigned round);
int stand_in_mark(const char *moment, unsigned round)
{
    return portaudit_mark(moment, round);
}

#ifdef __cplusplus
}
#endif
