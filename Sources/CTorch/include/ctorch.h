// The C interface over libtorch. Every function that can fail returns a status; on failure `message`
// holds the reason (to be given to ctorch_free) and nothing else was written. Tensors that come out
// through `result` are owned by the caller (+1) and end in ctorch_tensor_release; tensors that go in are
// borrowed. Axis order is NCHW; sizes are given height before width.
#ifndef CTORCH_H
#define CTORCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ctorch_tensor ctorch_tensor;

typedef enum {
  CTORCH_OK = 0,
  CTORCH_FAILED = 1,
} ctorch_status;

typedef enum {
  CTORCH_FLOAT32 = 0,
  CTORCH_FLOAT64 = 1,
  CTORCH_FLOAT16 = 2,
  CTORCH_BFLOAT16 = 3,
  CTORCH_UINT8 = 4,
  CTORCH_INT64 = 5,
  CTORCH_OTHER_DTYPE = -1,
} ctorch_dtype;

typedef enum {
  CTORCH_CPU = 0,
  CTORCH_CUDA = 1,
  CTORCH_MPS = 2,
} ctorch_device_type;

typedef struct {
  ctorch_device_type type;
  int32_t index;  // 0 for the CPU
} ctorch_device;

void ctorch_free(void *message);

// system.cpp
// Before anything else, once: chooses libtorch's kernels for this CPU, and where tensors take their memory.
void ctorch_initialize(void);
const char *ctorch_version(void);
void ctorch_set_thread_count(int32_t count);
int32_t ctorch_thread_count(void);
// Whether the system lets the process have so many more threads at once.
bool ctorch_can_make_threads(int32_t count);
// Why the shim's own loops run on one thread; null where they run on all.
const char *ctorch_loop_obstacle(void);
// The instruction set of libtorch's own kernels, such as "AVX2" or "AVX512"; ctorch_free it.
char *ctorch_cpu_capability(void);
bool ctorch_cpu_has_bfloat16(void);
// Bytes that tensors have left behind and new ones will take first.
uint64_t ctorch_reusable_memory(void);
// Gives the memory behind a tensor on the CPU back to the system at once, where no other tensor shares it;
// its values are lost.
void ctorch_discard_values(const ctorch_tensor *tensor);
bool ctorch_mps_is_available(void);
ctorch_status ctorch_synchronize(ctorch_device device, char **message);

// cuda.cpp: what there is of CUDA on this machine, and how it computes. Versions are 1000 major + 10 minor,
// cuDNN's 10000 major + 100 minor; 0 is what nobody knows.
typedef struct {
  bool is_in_build;  // whether this libtorch has kernels for CUDA
  int32_t version;   // that they were built with
  int32_t cudnn_version;
  int32_t driver_version;  // the newest CUDA that the driver runs; 0 without a driver
  int32_t device_count;    // GPUs that the driver shows
  int32_t usable_count;    // of these libtorch's
} ctorch_cuda_facts;

ctorch_cuda_facts ctorch_cuda_find(void);
// What the build says of itself, with the targets of its kernels; empty without CUDA. ctorch_free it.
char *ctorch_cuda_configuration(void);
typedef struct {
  char name[128];
  int32_t major, minor;  // compute capability
  uint64_t memory;       // in bytes
} ctorch_gpu;
// False where the driver does not tell.
bool ctorch_cuda_describe(int32_t index, ctorch_gpu *gpu);
typedef struct {
  uint64_t free;       // bytes that no program has
  uint64_t reusable;   // bytes that freed tensors of this one have left behind, and any of its tensors can have
  uint64_t most_used;  // the most bytes that this program has had; before libtorch 2.11 what all have now
} ctorch_gpu_memory;
// False where there is no such GPU.
bool ctorch_cuda_memory(int32_t index, ctorch_gpu_memory *memory);
int32_t ctorch_cuda_device_count(void);
bool ctorch_cuda_has_bfloat16(int32_t index);
// From now on only what gives the same each time; before the first product is computed.
void ctorch_cuda_compute_deterministically(void);
// Lets kernels be tried out the first time that a shape comes, which pays where shapes repeat.
void ctorch_cuda_seek_fastest(void);
// Whether float32 may be computed by units that read 10 of its 23 binary digits.
void ctorch_cuda_allow_tf32(bool allowed);

// graph.cpp: work that is recorded once, and repeated as a whole into the same memory. While a thread records,
// nothing of what it asks for is computed. What cannot be recorded ends the recording, which then fails at its
// end.
typedef struct ctorch_graph ctorch_graph;
// Why there is no recording on a device; null where there is.
const char *ctorch_graph_obstacle(ctorch_device device);
ctorch_status ctorch_graph_begin(ctorch_device device, ctorch_graph **result, char **message);
ctorch_status ctorch_graph_end(ctorch_graph *graph, char **message);
ctorch_status ctorch_graph_replay(ctorch_graph *graph, char **message);
void ctorch_graph_release(ctorch_graph *graph);
// Returns the memory of recordings that are gone, once their tensors are, to the driver.
void ctorch_graph_give_back(void);

// channels_last.cpp: the same elements, stored so that the channels of a pixel lie together.
ctorch_status ctorch_channels_last(const ctorch_tensor *tensor, ctorch_tensor **result, char **message);
bool ctorch_is_channels_last(const ctorch_tensor *tensor);
// Lets layers that the calling thread runs keep this order on the CPU as on GPUs; for tests.
void ctorch_keep_channels_last_on_cpu(bool keeps);

// tensor.cpp
void ctorch_tensor_release(ctorch_tensor *tensor);
int32_t ctorch_rank(const ctorch_tensor *tensor);
int64_t ctorch_size(const ctorch_tensor *tensor, int32_t axis);
ctorch_dtype ctorch_get_dtype(const ctorch_tensor *tensor);
ctorch_device ctorch_get_device(const ctorch_tensor *tensor);
ctorch_status ctorch_from_bytes(const void *bytes, ctorch_dtype dtype, const int64_t *shape, int32_t rank,
                                ctorch_tensor **result, char **message);
// The same on a device.
ctorch_status ctorch_from_bytes_on(ctorch_device device, const void *bytes, ctorch_dtype dtype,
                                   const int64_t *shape, int32_t rank, ctorch_tensor **result, char **message);
// Copies the elements, row-major, into `bytes`, whose length has to be exactly the tensor's.
ctorch_status ctorch_copy_bytes(const ctorch_tensor *tensor, void *bytes, size_t length, char **message);
ctorch_status ctorch_full(double value, ctorch_dtype dtype, const int64_t *shape, int32_t rank,
                          ctorch_device device, ctorch_tensor **result, char **message);
// One value in the shape, type, place and order of a tensor.
ctorch_status ctorch_full_like(const ctorch_tensor *tensor, double value, ctorch_tensor **result,
                               char **message);
ctorch_status ctorch_item(const ctorch_tensor *tensor, double *value, char **message);
ctorch_status ctorch_to_dtype(const ctorch_tensor *tensor, ctorch_dtype dtype, ctorch_tensor **result,
                              char **message);
ctorch_status ctorch_to_device(const ctorch_tensor *tensor, ctorch_device device, ctorch_tensor **result,
                               char **message);
ctorch_status ctorch_reshape(const ctorch_tensor *tensor, const int64_t *shape, int32_t rank,
                             ctorch_tensor **result, char **message);
ctorch_status ctorch_permute(const ctorch_tensor *tensor, const int64_t *axes, int32_t rank,
                             ctorch_tensor **result, char **message);
ctorch_status ctorch_narrow(const ctorch_tensor *tensor, int64_t axis, int64_t start, int64_t length,
                            ctorch_tensor **result, char **message);
ctorch_status ctorch_concatenate(const ctorch_tensor *const *tensors, int32_t count, int64_t axis,
                                 ctorch_tensor **result, char **message);
// The same elements in row-major storage; the tensor itself where it is so already.
ctorch_status ctorch_contiguous(const ctorch_tensor *tensor, ctorch_tensor **result, char **message);
ctorch_status ctorch_clone(const ctorch_tensor *tensor, ctorch_tensor **result, char **message);
ctorch_status ctorch_detach(const ctorch_tensor *tensor, ctorch_tensor **result, char **message);
ctorch_status ctorch_copy_in_place(ctorch_tensor *target, const ctorch_tensor *source, char **message);

// operations.cpp
ctorch_status ctorch_add(const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **result,
                         char **message);
ctorch_status ctorch_subtract(const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **result,
                              char **message);
ctorch_status ctorch_multiply(const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **result,
                              char **message);
ctorch_status ctorch_divide(const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **result,
                            char **message);
ctorch_status ctorch_add_scalar(const ctorch_tensor *a, double b, ctorch_tensor **result, char **message);
ctorch_status ctorch_multiply_scalar(const ctorch_tensor *a, double b, ctorch_tensor **result, char **message);
ctorch_status ctorch_abs(const ctorch_tensor *x, ctorch_tensor **result, char **message);
ctorch_status ctorch_square(const ctorch_tensor *x, ctorch_tensor **result, char **message);
ctorch_status ctorch_sqrt(const ctorch_tensor *x, ctorch_tensor **result, char **message);
ctorch_status ctorch_exp(const ctorch_tensor *x, ctorch_tensor **result, char **message);
ctorch_status ctorch_round(const ctorch_tensor *x, ctorch_tensor **result, char **message);
ctorch_status ctorch_clamp(const ctorch_tensor *x, double minimum, double maximum, ctorch_tensor **result,
                           char **message);
ctorch_status ctorch_tanh(const ctorch_tensor *x, ctorch_tensor **result, char **message);
ctorch_status ctorch_relu(const ctorch_tensor *x, ctorch_tensor **result, char **message);
ctorch_status ctorch_sigmoid(const ctorch_tensor *x, ctorch_tensor **result, char **message);
ctorch_status ctorch_leaky_relu(const ctorch_tensor *x, double slope, ctorch_tensor **result, char **message);
// Over the axes given; over all of them when `count` is 0. Reduced axes stay with length 1 if `keep`.
ctorch_status ctorch_sum(const ctorch_tensor *x, const int64_t *axes, int32_t count, bool keep,
                         ctorch_tensor **result, char **message);
ctorch_status ctorch_mean(const ctorch_tensor *x, const int64_t *axes, int32_t count, bool keep,
                          ctorch_tensor **result, char **message);
// The largest along an axis, which is gone afterwards.
ctorch_status ctorch_maximum(const ctorch_tensor *x, int64_t axis, ctorch_tensor **result, char **message);
// log(sum(exp(x))) along an axis, which keeps length 1; without overflow.
ctorch_status ctorch_log_sum_exp(const ctorch_tensor *x, int64_t axis, ctorch_tensor **result, char **message);
// The elements in ascending order along an axis.
ctorch_status ctorch_sort(const ctorch_tensor *x, int64_t axis, ctorch_tensor **result, char **message);
// Whether no element of any tensor is an infinity or not a number.
ctorch_status ctorch_are_finite(const ctorch_tensor *const *tensors, int32_t count, bool *result,
                                char **message);
ctorch_status ctorch_l1_loss(const ctorch_tensor *x, const ctorch_tensor *target, ctorch_tensor **result,
                             char **message);
ctorch_status ctorch_mse_loss(const ctorch_tensor *x, const ctorch_tensor *target, ctorch_tensor **result,
                              char **message);
ctorch_status ctorch_binary_cross_entropy_with_logits(const ctorch_tensor *x, const ctorch_tensor *target,
                                                      ctorch_tensor **result, char **message);
// The same of each element, without the mean.
ctorch_status ctorch_binary_cross_entropies_with_logits(const ctorch_tensor *x, const ctorch_tensor *target,
                                                        ctorch_tensor **result, char **message);

// convolution.cpp; `bias` may be null.
ctorch_status ctorch_conv2d(const ctorch_tensor *x, const ctorch_tensor *weight, const ctorch_tensor *bias,
                            int64_t stride, int64_t padding, ctorch_tensor **result, char **message);
ctorch_status ctorch_conv_transpose2d(const ctorch_tensor *x, const ctorch_tensor *weight,
                                      const ctorch_tensor *bias, int64_t stride, int64_t padding,
                                      int64_t output_padding, ctorch_tensor **result, char **message);
// The library that computes convolutions on this CPU beside libtorch, such as "oneDNN 2.6.3"; null for none.
const char *ctorch_convolution_library(void);
// Whether it computes a 3x3 convolution of stride 1 without padding, forward in float32, by Winograd.
bool ctorch_convolves_by_winograd(int64_t batch, int64_t channels, int64_t height, int64_t width);

// How often the calling thread has put a convolution's weights into the order of its kernel, and the bytes of
// all that are kept so until they change.
int64_t ctorch_weight_orders_made(void);
int64_t ctorch_weight_orders_memory(void);

// layers.cpp; `weight`, `bias` and the running statistics may be null where the layer has none.
ctorch_status ctorch_reflection_pad2d(const ctorch_tensor *x, int64_t top, int64_t bottom, int64_t left,
                                      int64_t right, ctorch_tensor **result, char **message);
// A map of twice the sides, interpolated between the four nearest pixels; pixels are squares, as in
// torch.nn.functional.interpolate(scale_factor=2, mode="bilinear", align_corners=False).
ctorch_status ctorch_double_bilinear(const ctorch_tensor *x, ctorch_tensor **result, char **message);
// Each channel convolved with [1 2 1] [1 2 1]^T / 16, its border mirrored outwards.
ctorch_status ctorch_smooth(const ctorch_tensor *x, ctorch_tensor **result, char **message);
// y = n > 0 ? n : slope * n of n = instance norm of x (so 1 is the norm alone), plus `residual` unless that is
// null, padded by `padding` reflected pixels; in one operator, which saves less for its backward pass.
ctorch_status ctorch_instance_norm(const ctorch_tensor *x, double eps, double slope,
                                   const ctorch_tensor *residual, int64_t padding, ctorch_tensor **result,
                                   char **message);
ctorch_status ctorch_batch_norm(const ctorch_tensor *x, const ctorch_tensor *weight, const ctorch_tensor *bias,
                                ctorch_tensor *running_mean, ctorch_tensor *running_variance, bool training,
                                double momentum, double eps, ctorch_tensor **result, char **message);

// x weight^T + bias, `weight` [outputs, inputs]; `bias` may be null.
ctorch_status ctorch_linear(const ctorch_tensor *x, const ctorch_tensor *weight, const ctorch_tensor *bias,
                            ctorch_tensor **result, char **message);

// normalization.cpp: instance norm in two steps, for a map [1, channel, height, width] that is part of a larger
// one. The mean of each channel, and the sum of the squared differences from it.
ctorch_status ctorch_channel_moments(const ctorch_tensor *x, double *means, double *squares, char **message);
// y = n > 0 ? n : slope * n of n = (x - mean) * scale, with a number for each channel.
ctorch_status ctorch_normalize_channels(const ctorch_tensor *x, const float *means, const float *scales,
                                        double slope, ctorch_tensor **result, char **message);

// pooling.cpp: further layers of networks that only judge images, in the usual layout and without a fast path.
// A kernel of any height and width, `weight` [outputs, inputs, height, width]; `bias` may be null.
ctorch_status ctorch_conv2d_rectangular(const ctorch_tensor *x, const ctorch_tensor *weight,
                                        const ctorch_tensor *bias, int64_t stride, int64_t vertical_padding,
                                        int64_t horizontal_padding, ctorch_tensor **result, char **message);
ctorch_status ctorch_max_pool2d(const ctorch_tensor *x, int64_t size, int64_t stride, int64_t padding,
                                ctorch_tensor **result, char **message);
// The mean of those pixels of each window that lie in the map.
ctorch_status ctorch_average_pool2d(const ctorch_tensor *x, int64_t size, int64_t stride, int64_t padding,
                                    ctorch_tensor **result, char **message);
// Between the four nearest pixels, which are squares, also where the map becomes smaller: as in
// torch.nn.functional.interpolate(mode="bilinear", align_corners=False).
ctorch_status ctorch_resize_bilinear(const ctorch_tensor *x, int64_t height, int64_t width,
                                     ctorch_tensor **result, char **message);

// linear_algebra.cpp: matrices are [rows, columns].
ctorch_status ctorch_matrix_product(const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **result,
                                    char **message);
// R of a = Q R, [min(rows, columns), columns]: R^T R is a^T a.
ctorch_status ctorch_triangular_factor(const ctorch_tensor *a, ctorch_tensor **result, char **message);
ctorch_status ctorch_singular_values(const ctorch_tensor *a, ctorch_tensor **result, char **message);
// The rows at the places given, which may repeat.
ctorch_status ctorch_rows(const ctorch_tensor *a, const int64_t *places, int64_t count, ctorch_tensor **result,
                          char **message);
// 1 where a < b and 0 elsewhere, in a's type, with broadcasting.
ctorch_status ctorch_less(const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **result,
                          char **message);

// autograd.cpp; the gradient mode and autocast belong to the calling thread.
bool ctorch_set_gradients_enabled(bool enabled);  // returns what it was
ctorch_status ctorch_set_requires_gradient(ctorch_tensor *tensor, bool required, char **message);
bool ctorch_requires_gradient(const ctorch_tensor *tensor);
ctorch_status ctorch_backward(const ctorch_tensor *loss, char **message);
// The accumulated gradient; `result` is null where there is none.
ctorch_status ctorch_gradient(const ctorch_tensor *tensor, ctorch_tensor **result, char **message);
ctorch_status ctorch_set_gradient(ctorch_tensor *tensor, const ctorch_tensor *gradient, char **message);
ctorch_status ctorch_drop_gradient(ctorch_tensor *tensor, char **message);
// d(sum of output)/d(input) without accumulating; differentiable itself if `create_graph`.
ctorch_status ctorch_gradient_of(const ctorch_tensor *output, const ctorch_tensor *input, bool create_graph,
                                 ctorch_tensor **result, char **message);
ctorch_status ctorch_autocast_begin(ctorch_device_type type, char **message);
ctorch_status ctorch_autocast_end(ctorch_device_type type, char **message);

// optimizers.cpp: over lists of tensors, in place, without recording gradients. Arrays have `count` entries.
ctorch_status ctorch_adam_step(ctorch_tensor *const *parameters, const ctorch_tensor *const *gradients,
                               ctorch_tensor *const *first_moments, ctorch_tensor *const *second_moments,
                               int32_t count, int64_t step, double learning_rate, double beta1, double beta2,
                               double eps, char **message);

ctorch_status ctorch_rmsprop_step(ctorch_tensor *const *parameters, const ctorch_tensor *const *gradients,
                                  ctorch_tensor *const *mean_squares, int32_t count, double learning_rate,
                                  double alpha, double eps, char **message);
// Scales all tensors by one factor, so that the norm of all their elements is at most `largest`.
ctorch_status ctorch_clip_norm(ctorch_tensor *const *tensors, int32_t count, double largest, char **message);
// Every element into [-largest, largest].
ctorch_status ctorch_clamp_in_place(ctorch_tensor *const *tensors, int32_t count, double largest,
                                    char **message);
// average = decay * average + (1 - decay) * value
ctorch_status ctorch_average_in_place(ctorch_tensor *const *averages, const ctorch_tensor *const *values,
                                      int32_t count, double decay, char **message);

// random.cpp; drawn on the CPU from a generator of its own, so that a seed means the same on every device.
ctorch_status ctorch_normal(uint64_t seed, const int64_t *shape, int32_t rank, ctorch_tensor **result,
                            char **message);
ctorch_status ctorch_uniform(uint64_t seed, const int64_t *shape, int32_t rank, ctorch_tensor **result,
                             char **message);
// `rows` >= `columns`: columns of length 1, orthogonal to each other, uniformly distributed.
ctorch_status ctorch_orthogonal(uint64_t seed, int64_t rows, int64_t columns, ctorch_tensor **result,
                                char **message);
// Seeds libtorch's own generators, which dropout draws from. In the calling thread it draws from now on for
// batches of `total` samples, of which it gets those from `first` on; as many as it gets if `total` is 0.
ctorch_status ctorch_seed_dropout(uint64_t seed, int64_t first, int64_t total, char **message);
// Independent draws from N(0, 1) in the shape of `x`, from the generators that dropout draws from; not by the
// sample.
ctorch_status ctorch_normal_like(const ctorch_tensor *x, ctorch_tensor **result, char **message);
ctorch_status ctorch_dropout(const ctorch_tensor *x, double probability, ctorch_tensor **result,
                             char **message);

// processes.cpp: processes that train together. Operations have to be called in one order by all of them, and
// by one thread of each; posting may be done by any thread.
typedef struct ctorch_processes ctorch_processes;

typedef struct {
  const char *host;  // of the store that the processes meet at
  uint16_t port;
  int32_t rank, count;    // rank 0 opens the store
  const char *interface;  // of the network; null for that of the host's name
  bool uses_nccl;         // for tensors on GPUs
  int64_t timeout_ms;     // of joining and of each operation
} ctorch_launch;

bool ctorch_processes_can_use_nccl(void);
// Waits until all are there.
ctorch_status ctorch_processes_join(const ctorch_launch *launch, ctorch_processes **result, char **message);
void ctorch_processes_leave(ctorch_processes *processes);
// Ends the operation that another thread is waiting for, and all later ones that are not done in a moment.
void ctorch_processes_give_up(ctorch_processes *processes);
// Begins to add up each tensor over all processes, in place and without recording gradients. They travel in
// buckets of at most so many elements, unless one tensor has more, while this thread goes on.
typedef struct ctorch_pending_sum ctorch_pending_sum;
ctorch_status ctorch_processes_begin_sum(const ctorch_processes *processes, ctorch_tensor *const *tensors,
                                         int32_t count, int64_t bucket_size, ctorch_pending_sum **result,
                                         char **message);
// Waits for the sums; the tensors have not changed until then.
ctorch_status ctorch_pending_sum_finish(ctorch_pending_sum *pending, const ctorch_processes *processes,
                                        char **message);
void ctorch_pending_sum_release(ctorch_pending_sum *pending);
// The sum in float32 as an operator, for losses that are added up over the processes as well.
ctorch_status ctorch_processes_sum_differentiably(const ctorch_processes *processes,
                                                  const ctorch_tensor *tensor, ctorch_tensor **result,
                                                  char **message);
ctorch_status ctorch_processes_sum_numbers(const ctorch_processes *processes, double *values, int32_t count,
                                           char **message);
// The bytes of the process `from` take the place of all others'.
ctorch_status ctorch_processes_broadcast(const ctorch_processes *processes, int32_t from, void *bytes,
                                         size_t length, char **message);
// Puts a text where every process can read it.
ctorch_status ctorch_processes_post(const ctorch_processes *processes, const char *key, const char *text,
                                    char **message);
// A text that was posted, to be given to ctorch_free; null where there is none.
ctorch_status ctorch_processes_posted(const ctorch_processes *processes, const char *key, char **text,
                                      char **message);

// Takes the next bytes of a file.
typedef void (*ctorch_sink)(void *context, const void *bytes, size_t length);
// script.cpp: TorchScript. The file of a module whose `forward` is `source`, with these tensors below modules
// that their dotted names lead through, and `note` under `note_name` beside it; `sink` takes it piece by piece.
ctorch_status ctorch_script_save(const char *source, const char *const *names,
                                 const ctorch_tensor *const *tensors, const bool *are_parameters, int32_t count,
                                 const char *note_name, const char *note, ctorch_sink sink, void *context,
                                 char **message);
// The module in a file, on a device. Its code is run by libtorch's interpreter, which knows tensors and no
// files; it may take any time and memory all the same.
typedef struct ctorch_module ctorch_module;
ctorch_status ctorch_script_load(const char *path, ctorch_device device, ctorch_module **result,
                                 char **message);
void ctorch_module_release(ctorch_module *module);
// Whether its `forward` has an argument of this name.
bool ctorch_module_takes(const ctorch_module *module, const char *argument);
// What `forward` returns for these inputs, in its inference mode and without recording gradients, with these
// arguments by name. Fails where that is no tensor.
ctorch_status ctorch_module_run(const ctorch_module *module, const ctorch_tensor *const *inputs, int32_t count,
                                const char *const *names, const bool *values, int32_t named_count,
                                ctorch_tensor **result, char **message);

#ifdef __cplusplus
}
#endif

#endif
