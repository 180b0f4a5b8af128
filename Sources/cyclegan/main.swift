import Commands
import Foundation

exit(CommandLineTool.cyclegan.run(Array(CommandLine.arguments.dropFirst())))
