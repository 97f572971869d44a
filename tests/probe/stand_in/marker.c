/* A program that comes to moments and works between them: marker STEP... -- COMMAND ARGUMENT...
 * A step is before, after, round:NUMBER, or do, which runs the command. It ends with the first error. */
#include "portaudit_probe.h"

#include <sys/wait.h>

static int run(char **command)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        (void)execvp(command[0], command);
        _exit(errno);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

int main(int count, char **words)
{
    int at, end = 1, error = 0;
    char *number;
    while (end < count && strcmp(words[end], "--") != 0)
        end++;
    for (at = 1; at < end && error == 0; at++) {
        if (strcmp(words[at], "do") == 0)
            error = run(words + end + 1);
        else if ((number = strchr(words[at], ':')) != NULL) {
            *number++ = '\0';
            error = portaudit_mark(words[at], (unsigned)strtoul(number, NULL, 10));
        } else
            error = portaudit_mark(words[at], 0);
    }
    return error;
}
