/* driven: a model compiled by exoc VERSION.

   All numbers are doubles in internal units: seconds, micrometres, copies (of molecules or vesicles), kilograms,
   kelvin, cells. To show one in the author's unit, divide by its factor (driven_state_factors[i] and so on).

   Every function has the same shape, (t, y, p, out):
     t    time in seconds
     y    DRIVEN_STATE_COUNT states
     p    DRIVEN_PARAMETER_COUNT parameters; driven_parameters holds their values. A parameter that the model computes
          from others is a number here like any other: changing one does not change those computed from it.
     out  where results go; must not overlap y or p.
   Functions keep no state and may run in several threads at once. Link with the mathematical library (-lm); its
   exp, log and pow decide the last bits.

   Events: where a trigger rises through zero, the event fires; after its delay, the values of its assignments (all
   computed before any is assigned) replace their targets. Watching for that is the caller's.

   Example: one explicit Euler step of a second.

     #include <stdio.h>
     #include <string.h>
     #include "driven.h"

     int main(void) {
         double p[DRIVEN_PARAMETER_COUNT + 1], y[DRIVEN_STATE_COUNT], dy[DRIVEN_STATE_COUNT];
         memcpy(p, driven_parameters, sizeof(double) * DRIVEN_PARAMETER_COUNT);
         driven_initial(0.0, NULL, p, y);
         driven_rhs(0.0, y, p, dy);
         for (int i = 0; i < DRIVEN_STATE_COUNT; i++)
             printf("%s %g\n", driven_state_names[i], y[i] + 1.0 * dy[i]);
     }
*/
#ifndef EXOC_DRIVEN_H
#define EXOC_DRIVEN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sizes: as constants, and as data for those who load the object at run time. */
#define DRIVEN_STATE_COUNT 3
extern const int64_t driven_state_count;
#define DRIVEN_PARAMETER_COUNT 2
extern const int64_t driven_parameter_count;
#define DRIVEN_OBSERVABLE_COUNT 1
extern const int64_t driven_observable_count;
#define DRIVEN_JACOBIAN_COUNT 4
extern const int64_t driven_jacobian_count;
#define DRIVEN_EVENT_COUNT 1
extern const int64_t driven_event_count;
#define DRIVEN_ASSIGNMENT_COUNT 2
extern const int64_t driven_assignment_count;

/* The states at the start: DRIVEN_STATE_COUNT numbers. Reads p only; y may be NULL. */
void driven_initial(double t, const double *y, const double *p, double *out);

/* dy/dt: DRIVEN_STATE_COUNT numbers, per second. */
void driven_rhs(double t, const double *y, const double *p, double *out);

/* d(dy/dt)/dy: DRIVEN_JACOBIAN_COUNT numbers, in compressed sparse columns: those of column j are
   out[driven_jacobian_column_starts[j]] up to, not including, out[driven_jacobian_column_starts[j + 1]];
   their rows are in driven_jacobian_rows at the same places, increasing. The diagonal is always there. */
void driven_jacobian(double t, const double *y, const double *p, double *out);

/* d(dy/dt)/dt at constant y: DRIVEN_STATE_COUNT numbers. */
void driven_time_derivative(double t, const double *y, const double *p, double *out);

/* DRIVEN_OBSERVABLE_COUNT numbers. */
void driven_observables(double t, const double *y, const double *p, double *out);

/* DRIVEN_EVENT_COUNT numbers, positive while a condition holds. */
void driven_triggers(double t, const double *y, const double *p, double *out);

/* DRIVEN_EVENT_COUNT numbers, seconds. Reads p only; y may be NULL. */
void driven_delays(double t, const double *y, const double *p, double *out);

/* The values of all events' assignments: DRIVEN_ASSIGNMENT_COUNT numbers. */
void driven_assignments(double t, const double *y, const double *p, double *out);

/* Where the entries of the Jacobian lie. */
extern const int64_t driven_jacobian_column_starts[DRIVEN_STATE_COUNT + 1];
extern const int64_t driven_jacobian_rows[];

/* The parameters' values. */
extern const double driven_parameters[];

/* Names of each state, the author's units, and internal units in one of these.
      0  pH  (copies, 1.0)
      1  Ca  (copies, 1.0)
      2  store  (copies, 1.0)
*/
extern const char *const driven_state_names[];
extern const char *const driven_state_units[];
extern const double driven_state_factors[];

/* Names of each parameter, the author's units, and internal units in one of these.
      0  k  (copies, 1.0)
      1  dose  (copies, 1.0)
*/
extern const char *const driven_parameter_names[];
extern const char *const driven_parameter_units[];
extern const double driven_parameter_factors[];

/* Names of each observable, the author's units, and internal units in one of these.
      0  Ca  (copies, 1.0)
*/
extern const char *const driven_observable_names[];
extern const char *const driven_observable_units[];
extern const double driven_observable_factors[];

/* Of each assignment: its event, and its target, a state's index or, below zero, a parameter's: -1 is
   parameter 0, -2 parameter 1.
      0  event  targets -2, 1
*/
extern const int64_t driven_assignment_events[];
extern const int64_t driven_assignment_targets[];

#ifdef __cplusplus
}
#endif

#endif
