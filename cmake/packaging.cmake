# Installs the library, its public headers and the command line tool, so that other projects can say
# find_package(varve) and link varve::varve.
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/varve)
set(exported_targets)
foreach(name core kernels io expr ops plan exec labels)
  if(TARGET varve_${name})
    set_target_properties(varve_${name} PROPERTIES EXPORT_NAME ${name})
    add_library(varve::${name} ALIAS varve_${name})
    list(APPEND exported_targets varve_${name})
  endif()
endforeach()
if(TARGET varve)
  add_library(varve::varve ALIAS varve)
  add_library(varve::shared ALIAS varve_shared)
  list(APPEND exported_targets varve varve_shared)
endif()

install(TARGETS ${exported_targets} EXPORT varveTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT varveTargets NAMESPACE varve:: DESTINATION ${package_folder})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/varve DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.hpp")
if(TARGET varve_cli)
  install(TARGETS varve_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES ${CMAKE_BINARY_DIR}/src/cli/documents/varve.bash
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME varve)
  install(DIRECTORY ${CMAKE_BINARY_DIR}/src/cli/documents/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
    FILES_MATCHING PATTERN "*.1")
endif()

# Static libraries need what they were linked with: the package finds the same things as this build, by the same list.
configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/varveConfig.cmake.in ${CMAKE_BINARY_DIR}/varveConfig.cmake
  INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/varveConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/varveConfig.cmake ${CMAKE_BINARY_DIR}/varveConfigVersion.cmake
  ${CMAKE_SOURCE_DIR}/cmake/dependencies.cmake DESTINATION ${package_folder})

# pkg-config: the shared library by itself; with --static the archives and what they need.
if(TARGET varve)
  set(pc_archives "-lvarve -lvarve_labels -lvarve_exec -lvarve_plan -lvarve_ops -lvarve_expr -lvarve_kernels -lvarve_io -lvarve_core")
  file(RELATIVE_PATH pc_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  configure_file(${CMAKE_SOURCE_DIR}/cmake/varve.pc.in ${CMAKE_BINARY_DIR}/varve.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/varve.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
