#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "shim.hpp"

namespace {

namespace jit = torch::jit;

// Where a module of this name hangs below another; made if there is none. Its class is named after its path:
// the analysis of aliases takes classes of one name for one class, and one that contains itself for no end.
jit::Module child(jit::Module parent, const std::string &name, std::string path) {
  if (parent.hasattr(name)) return parent.attr(name).toModule();
  std::replace(path.begin(), path.end(), '.', '_');
  jit::Module made("Layers_" + path);
  parent.register_module(name, made);
  return made;
}

// Puts a tensor below the modules that its name, "model.1.weight", leads through.
void put(const jit::Module &root, const std::string &name, const at::Tensor &tensor, bool is_parameter) {
  jit::Module module = root;
  size_t start = 0;
  for (size_t dot; (dot = name.find('.', start)) != std::string::npos; start = dot + 1)
    module = child(module, name.substr(start, dot - start), name.substr(0, dot));
  const at::Tensor copy = tensor.detach().clone();
  if (is_parameter)
    module.register_parameter(name.substr(start), copy, false);
  else
    module.register_buffer(name.substr(start), copy);
}

}  // namespace

ctorch_status ctorch_script_save(const char *source, const char *const *names,
                                 const ctorch_tensor *const *tensors, const bool *are_parameters, int32_t count,
                                 const char *note, uint8_t **bytes, size_t *length, char **message) {
  *bytes = nullptr;
  *length = 0;
  return guarded(message, [&] {
    jit::Module module("Generator");
    for (int32_t i = 0; i < count; ++i) put(module, names[i], plain(tensors[i]), are_parameters[i]);
    module.define(source);
    module.eval();
    std::ostringstream stream;
    module.save(stream, {{"cyclegan.json", note}});
    const std::string file = stream.str();
    uint8_t *copy = static_cast<uint8_t *>(malloc(file.size()));
    TORCH_CHECK(copy != nullptr, "out of memory");
    std::memcpy(copy, file.data(), file.size());
    *bytes = copy;
    *length = file.size();
  });
}

ctorch_status ctorch_script_run(const uint8_t *bytes, size_t length, const ctorch_tensor *input,
                                ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    std::istringstream stream(std::string(reinterpret_cast<const char *>(bytes), length));
    jit::Module module = jit::load(stream);
    return module.forward({plain(input)}).toTensor();
  });
}
