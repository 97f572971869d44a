/* A library that answers like a kernel with one task, as fast as memory: what is left is the reader's own.
   Of every twenty rows eight are receive rights, nine send rights, and one each send-once, dead name, set. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SEND 0x10000u
#define RECEIVE 0x20000u
#define SEND_ONCE 0x40000u
#define PORT_SET 0x80000u
#define DEAD_NAME 0x100000u

struct row { uint32_t name, collision, type, urefs, object, next, hash; };

uint32_t mach_task_self_ = 0x103;
static uint32_t rows = 2000;
static uint32_t kept_more; /* references that every hundredth send right has kept */

void stub_rows(uint32_t count, uint32_t more) { rows = count; kept_more = more; }

static uint32_t type_of(uint32_t row) {
    uint32_t place = row % 20;
    return place < 8 ? RECEIVE : place < 17 ? SEND : place == 17 ? SEND_ONCE : place == 18 ? DEAD_NAME : PORT_SET;
}

static uint32_t urefs_of(uint32_t row) {
    uint32_t type = type_of(row);
    return type & (RECEIVE | PORT_SET) ? 0 : type == SEND && row % 100 == 10 ? 1 + kept_more : 1;
}

static uint32_t name_of(uint32_t row) { return (row + 1) << 8 | 3; }
static uint32_t row_of(uint32_t name) { return (name >> 8) - 1; }

int mach_port_space_info(uint32_t task, uint32_t *info, struct row **table, uint32_t *count, void **tree,
                         uint32_t *tree_count) {
    struct row *out = calloc(rows, sizeof *out);
    for (uint32_t row = 0; row < rows; row++) {
        uint32_t type = type_of(row);
        out[row].name = name_of(row);
        out[row].type = type;
        out[row].urefs = urefs_of(row);
        out[row].object = type == DEAD_NAME ? 0 : 0x10000000 + 64 * row;
    }
    *table = out, *count = rows, *tree = NULL, *tree_count = 0;
    return 0;
}

int mach_port_names(uint32_t task, uint32_t **names, uint32_t *names_count, uint32_t **types,
                    uint32_t *types_count) {
    *names = calloc(rows, 4), *types = calloc(rows, 4);
    for (uint32_t row = 0; row < rows; row++) (*names)[row] = name_of(row), (*types)[row] = type_of(row);
    *names_count = *types_count = rows;
    return 0;
}

int mach_port_get_refs(uint32_t task, uint32_t name, uint32_t right, uint32_t *refs) {
    *refs = urefs_of(row_of(name));
    return 0;
}

int mach_port_kobject_description(uint32_t task, uint32_t name, uint32_t *type, uint64_t *address, char *text) {
    *type = 0, *address = 0, *text = 0;
    return type_of(row_of(name)) & (SEND | RECEIVE) ? 0 : 17;
}

int mach_port_kobject(uint32_t task, uint32_t name, uint32_t *type, uint64_t *address) {
    *type = 0, *address = 0;
    return type_of(row_of(name)) & (SEND | RECEIVE) ? 0 : 17;
}

int mach_port_get_attributes(uint32_t task, uint32_t name, int flavor, uint32_t *words, uint32_t *count) {
    memset(words, 0, 17 * 4);
    words[3] = 5;
    *count = 17;
    return 0;
}

int vm_deallocate(uint32_t task, uint64_t address, uint64_t size) { free((void *)address); return 0; }
int mach_port_deallocate(uint32_t task, uint32_t name) { return 0; }
int task_read_for_pid(uint32_t task, int pid, uint32_t *port) { *port = 0x7003; return 0; }
int task_for_pid(uint32_t task, int pid, uint32_t *port) { *port = 0x7007; return 0; }
int pid_for_task(uint32_t task, int *pid) { *pid = -1; return 5; }
