/* What portaudit_probe.h asks of <sys/sysctl.h>; libsystem.c knows none of the answers, so they are null in a record. */
#ifndef PORTAUDIT_LIBSYSTEM_SYSCTL_H
#define PORTAUDIT_LIBSYSTEM_SYSCTL_H
#include <stddef.h>
#include <sys/time.h>

#define CTL_KERN 1
#define KERN_PROC 14
#define KERN_PROC_PID 1

struct kinfo_proc {
    struct {
        struct timeval p_starttime;
    } kp_proc;
};

#define sysctl libsystem_sysctl
#define sysctlbyname libsystem_sysctlbyname
#define getprogname libsystem_getprogname

#ifdef __cplusplus
extern "C" {
#endif
int sysctl(int *name, unsigned length, void *old, size_t *size, void *fresh, size_t fresh_size);
int sysctlbyname(const char *name, void *old, size_t *size, void *fresh, size_t fresh_size);
const char *getprogname(void);
#ifdef __cplusplus
}
#endif
#endif
