import Torch

extension OptimizationSettings.Precision {
  /// Whether convolutions run in bfloat16 on a device; `auto` does so where the hardware has units for it.
  package func usesBFloat16(on device: Device) -> Bool {
    switch self {
    case .fp32: return false
    case .bf16: return true
    case .auto: return device.hasFastBFloat16
    }
  }
}
