#include "blocked/onednn.hpp"

#include "blocked/primitives.hpp"

#if HAS_ONEDNN

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

namespace onednn {
namespace {

using blocks::kLanes;

// Direct where Winograd has no kernel.
std::shared_ptr<const Primitive> primitive_for(const Convolution &c, Pass pass, Arithmetic arithmetic) {
  auto primitive = find_primitive(c, pass, arithmetic);
  if (!primitive && arithmetic == Arithmetic::float32_winograd) {
    primitive = find_primitive(c, pass, Arithmetic::float32_direct);
  }
  return primitive;
}

// A tensor's memory, lent to oneDNN.
MemoryHandle lent(const at::Tensor &tensor, const dnnl_memory_desc_t &description) {
  TORCH_INTERNAL_ASSERT(tensor.is_contiguous() &&
                        tensor.nbytes() == library().dnnl_memory_desc_get_size(&description));
  MemoryHandle result;
  check(library().dnnl_memory_create(result.out(), &description, library().engine, tensor.data_ptr()),
        "lend memory");
  return result;
}

void execute(const PrimitiveHandle &primitive, std::vector<dnnl_exec_arg_t> arguments) {
  StreamHandle stream;
  check(library().dnnl_stream_create(stream.out(), library().engine, dnnl_stream_default_flags),
        "make a stream");
  check(library().dnnl_primitive_execute(primitive.get(), stream.get(), static_cast<int>(arguments.size()),
                                         arguments.data()),
        "run a convolution");
  check(library().dnnl_stream_wait(stream.get()), "wait for a convolution");
}

at::Tensor bytes(const dnnl_memory_desc_t &description) {
  const auto size = static_cast<int64_t>(library().dnnl_memory_desc_get_size(&description));
  return at::empty({size}, at::TensorOptions().dtype(at::kByte));
}

std::atomic<int64_t> scratchpad_bytes{0};

// Working memory of a primitive. Each thread keeps its largest up to a bound: it stays in the processor's cache
// from one convolution to the next.
at::Tensor scratchpad(const dnnl_memory_desc_t &description) {
  constexpr int64_t most_kept = 256 << 20;
  struct Kept {
    at::Tensor memory;
    int64_t size() const { return memory.defined() ? memory.numel() : 0; }
    ~Kept() { scratchpad_bytes -= size(); }
  };
  thread_local Kept kept;
  const auto size = static_cast<int64_t>(library().dnnl_memory_desc_get_size(&description));
  if (size > most_kept) return bytes(description);
  if (kept.size() < size) {
    scratchpad_bytes -= kept.size();
    kept.memory = at::Tensor();
    kept.memory = bytes(description);
    scratchpad_bytes += size;
  }
  return kept.memory.defined() ? kept.memory.narrow(0, 0, size) : bytes(description);
}

at::Tensor converted(const at::Tensor &x, const dnnl_memory_desc_t &description) {
  return x.to(description.data_type == dnnl_bf16 ? at::kBFloat16 : at::kFloat).contiguous();
}

at::Tensor empty_blocks(int64_t batch, int64_t channels, int64_t height, int64_t width) {
  return at::empty({batch, (channels + kLanes - 1) / kLanes, height, width, kLanes},
                   at::TensorOptions().dtype(at::kFloat));
}

std::atomic<int64_t> order_bytes{0};
thread_local int64_t made_orders = 0;

at::Tensor put_in_order(const Weights &weights, const Primitive &primitive) {
  ++made_orders;
  const at::Tensor arranged = weights.arrange ? weights.arrange(weights.values) : weights.values;
  const at::Tensor plain = arranged.detach().to(at::kFloat).contiguous();
  const at::Tensor result = bytes(primitive.weights_description);
  const MemoryHandle from = lent(plain, primitive.plain_weights),
                     to = lent(result, primitive.weights_description);
  execute(primitive.weights_reorder, {{DNNL_ARG_FROM, from.get()}, {DNNL_ARG_TO, to.get()}});
  return result;
}

}  // namespace

struct WeightOrders::State {
  struct Order {
    dnnl_memory_desc_t description;
    at::Tensor weights;
  };

  // A network has a handful: one for each pass and arithmetic.
  static constexpr size_t kMostOrders = 8;
  // Of all weights together. What does not fit is put in order each time.
  static constexpr int64_t kMostBytes = int64_t{1} << 30;

  ~State() { clear(); }

  at::Tensor get(const Weights &weights, const Primitive &primitive) {
    const std::lock_guard<std::mutex> lock(mutex);
    const void *const now = weights.values.data_ptr();
    if (weights.values._version() != version || now != memory) {
      clear();
      version = weights.values._version();
      memory = now;
    }
    const auto found = std::find_if(orders.begin(), orders.end(), [&](const Order &order) {
      return library().dnnl_memory_desc_equal(&order.description, &primitive.weights_description) != 0;
    });
    if (found != orders.end()) return found->weights;
    const at::Tensor made = put_in_order(weights, primitive);
    if (orders.size() >= kMostOrders) clear();
    if (order_bytes + made.numel() <= kMostBytes) {
      order_bytes += made.numel();
      orders.push_back({primitive.weights_description, made});
    }
    return made;
  }

  void clear() {
    for (const Order &order : orders) order_bytes -= order.weights.numel();
    orders.clear();
  }

  std::mutex mutex;
  std::vector<Order> orders;
  // What the orders were made from. Every operator that writes into a tensor counts its version up.
  int64_t version = -1;
  const void *memory = nullptr;
};

namespace {

// The forward and the data pass: an image and weights in, an image out.
at::Tensor convolve(const Primitive &primitive, int in_argument, int out_argument, const at::Tensor &in,
                    const Weights &weights, at::Tensor out) {
  const at::Tensor ordered =
      weights.orders ? weights.orders->state().get(weights, primitive) : put_in_order(weights, primitive);
  const at::Tensor scratch = scratchpad(primitive.scratchpad);
  const at::Tensor source = converted(in, primitive.in_description);
  const MemoryHandle weights_memory = lent(ordered, primitive.weights_description),
                     scratch_memory = lent(scratch, primitive.scratchpad),
                     in_memory = lent(source, primitive.in_description),
                     out_memory = lent(out, primitive.out_description);
  execute(primitive.primitive, {{in_argument, in_memory.get()},
                                {DNNL_ARG_WEIGHTS, weights_memory.get()},
                                {out_argument, out_memory.get()},
                                {DNNL_ARG_SCRATCHPAD, scratch_memory.get()}});
  return out;
}

}  // namespace

WeightOrders::WeightOrders() : state_(std::make_unique<State>()) {}
WeightOrders::~WeightOrders() = default;

int64_t orders_made() { return made_orders; }

int64_t bytes_of_orders() { return order_bytes; }

int64_t bytes_of_scratchpads() { return scratchpad_bytes; }

const std::string &version() { return library().version; }

bool is_available() { return library().has_isa(dnnl_cpu_isa_avx512_core); }

// The bounds come from timing 3x3 convolutions of 16 to 256 channels on 16x16 to 128x128 pixels, all passes, on
// two cores of a processor with AVX-512 and its bfloat16 instructions (AMD's Zen 4).
Arithmetic fastest(const Convolution &c, Pass pass, bool allow_bfloat16) {
  const bool has_bfloat16 = allow_bfloat16 && library().has_isa(dnnl_cpu_isa_avx512_core_bf16);
  const auto direct = has_bfloat16 ? Arithmetic::bfloat16 : Arithmetic::float32_direct;
  if (c.kernel_height != 3 || c.kernel_width != 3 || c.stride != 1) return direct;
  if (c.in_channels % kLanes != 0 || c.out_channels % kLanes != 0) return direct;
  // Transforming few channels, or few tiles of 4x4 results, costs more than their products.
  const int64_t height = pass == Pass::data ? c.in_height : c.out_height;
  const int64_t width = pass == Pass::data ? c.in_width : c.out_width;
  const int64_t tiles = c.batch * ((height + 3) / 4) * ((width + 3) / 4);
  const int64_t channels = std::min(c.in_channels, c.out_channels);
  const bool is_large =
      has_bfloat16 ? channels >= 64 && tiles * channels >= 8192 : channels >= 32 && tiles * channels >= 2048;
  if (!is_large) return direct;
  // The data pass handles tiles in groups of equal size; an odd number divides badly.
  if (has_bfloat16 && pass == Pass::data && tiles % 2 == 1) return direct;
  return Arithmetic::float32_winograd;
}

bool has_kernel(const Convolution &c, Pass pass, Arithmetic arithmetic) {
  return find_primitive(c, pass, arithmetic) != nullptr;
}

at::Tensor forward(const Convolution &c, Arithmetic arithmetic, const at::Tensor &x, const Weights &weights) {
  const auto primitive = primitive_for(c, Pass::forward, arithmetic);
  if (!primitive) return {};
  return convolve(*primitive, DNNL_ARG_SRC, DNNL_ARG_DST, x, weights,
                  empty_blocks(c.batch, c.out_channels, c.out_height, c.out_width));
}

at::Tensor data_gradient(const Convolution &c, Arithmetic arithmetic, const at::Tensor &y_gradient,
                         const Weights &weights) {
  const auto primitive = primitive_for(c, Pass::data, arithmetic);
  if (!primitive) return {};
  return convolve(*primitive, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC, y_gradient, weights,
                  empty_blocks(c.batch, c.in_channels, c.in_height, c.in_width));
}

at::Tensor weight_gradient(const Convolution &c, Arithmetic arithmetic, const at::Tensor &x,
                           const at::Tensor &y_gradient) {
  const auto primitive = primitive_for(c, Pass::weights, arithmetic);
  if (!primitive) return {};
  const at::Tensor source = converted(x, primitive->in_description),
                   slope = converted(y_gradient, primitive->out_description);
  const at::Tensor blocked = bytes(primitive->weights_description), scratch = scratchpad(primitive->scratchpad);
  const at::Tensor result = at::empty({c.out_channels, c.in_channels, c.kernel_height, c.kernel_width},
                                      at::TensorOptions().dtype(at::kFloat));
  const MemoryHandle source_memory = lent(source, primitive->in_description),
                     slope_memory = lent(slope, primitive->out_description),
                     weights_memory = lent(blocked, primitive->weights_description),
                     scratch_memory = lent(scratch, primitive->scratchpad),
                     result_memory = lent(result, primitive->plain_weights);
  execute(primitive->primitive, {{DNNL_ARG_SRC, source_memory.get()},
                                 {DNNL_ARG_DIFF_DST, slope_memory.get()},
                                 {DNNL_ARG_DIFF_WEIGHTS, weights_memory.get()},
                                 {DNNL_ARG_SCRATCHPAD, scratch_memory.get()}});
  execute(primitive->weights_reorder,
          {{DNNL_ARG_FROM, weights_memory.get()}, {DNNL_ARG_TO, result_memory.get()}});
  return result;
}

}  // namespace onednn

#else

namespace onednn {

struct WeightOrders::State {};
WeightOrders::WeightOrders() = default;
WeightOrders::~WeightOrders() = default;

int64_t orders_made() { return 0; }

int64_t bytes_of_orders() { return 0; }

int64_t bytes_of_scratchpads() { return 0; }

const std::string &version() {
  static const std::string none;
  return none;
}

bool is_available() { return false; }

bool has_kernel(const Convolution &, Pass, Arithmetic) { return false; }

Arithmetic fastest(const Convolution &, Pass, bool) { return Arithmetic::float32_direct; }

at::Tensor forward(const Convolution &, Arithmetic, const at::Tensor &, const Weights &) { return {}; }

at::Tensor data_gradient(const Convolution &, Arithmetic, const at::Tensor &, const Weights &) { return {}; }

at::Tensor weight_gradient(const Convolution &, Arithmetic, const at::Tensor &, const at::Tensor &) {
  return {};
}

}  // namespace onednn

#endif
