/* What the probe asks of macOS's <sys/sysctl.h> and <stdlib.h>; the answers are the test's. */
#ifndef STAND_IN_SYSCTL_H
#define STAND_IN_SYSCTL_H

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

/* This machine's C library may have functions of these names, which would answer in our stead. */
#define sysctl stand_in_sysctl
#define sysctlbyname stand_in_sysctlbyname
#define getprogname stand_in_getprogname

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
